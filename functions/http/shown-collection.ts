import type { HttpRequest } from '@azure/functions';
import type { Holdfast } from '../../shared/compose.ts';
import type { CollectionView } from '../../shared/contracts/collection-view.ts';
import type { ShownCollection } from '../../shared/use-cases/read-collection.ts';
import { tasksLink } from './links.ts';

/** The body of every answer that is a collection, with the absolute link to the tasks that it does not show. */
export function shownCollection(
  holdfast: Holdfast,
  request: HttpRequest,
  { view, continuation }: ShownCollection,
): CollectionView {
  if (continuation === undefined) return view;
  return { ...view, tasksNextLink: tasksLink(holdfast, request, view.collectionId, continuation) };
}
