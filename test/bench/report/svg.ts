/** Drawing by hand: few shapes, no library, text that any viewer shows. */

export const WIDTH = 900;
const FONT = 'font-family="system-ui, sans-serif"';

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** White behind it, so that it can be read on dark pages as well. */
export const drawing = (height: number, title: string, shapes: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" ${FONT}>`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    words(title, { x: 20, y: 28, size: 17, weight: 600 }),
    ...shapes,
    '</svg>',
    '',
  ].join('\n');

interface Place {
  x: number;
  y: number;
  size?: number;
  weight?: number;
  anchor?: 'start' | 'middle' | 'end';
  fill?: string;
}

export function words(
  text: string,
  { x, y, size = 12, weight = 400, anchor = 'start', fill = '#222222' }: Place,
): string {
  const at = `x="${placed(x)}" y="${placed(y)}" text-anchor="${anchor}"`;
  return `<text ${at} font-size="${size}" font-weight="${weight}" fill="${fill}">${escaped(text)}</text>`;
}

export const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, more = ''): string =>
  `<line x1="${placed(x1)}" y1="${placed(y1)}" x2="${placed(x2)}" y2="${placed(y2)}" stroke="${stroke}"${more}/>`;

/** Tenths of a unit are more than anyone sees. */
export const placed = (at: number): string => String(Math.round(at * 10) / 10);

/** How each system looks, everywhere the same. */
const LOOKS: Readonly<Record<string, { colour: string; width: number; dash?: string }>> = {
  holdfast: { colour: '#0b4f9e', width: 3.5 },
  oracle: { colour: '#222222', width: 2, dash: '6 4' },
  mdeautomator: { colour: '#d55e00', width: 1.5 },
  xsoar: { colour: '#009e73', width: 1.5 },
  'splunk-soar': { colour: '#cc79a7', width: 1.5 },
  vmray: { colour: '#e69f00', width: 1.5 },
  elastic: { colour: '#56b4e9', width: 1.5 },
  'bulk-script-fixed': { colour: '#6a3d9a', width: 1.5 },
  'naive-loop': { colour: '#7f7f7f', width: 1.5 },
};

export const lookOf = (system: string): { colour: string; width: number; dash?: string } =>
  LOOKS[system] ?? { colour: '#b2182b', width: 1.5 };
