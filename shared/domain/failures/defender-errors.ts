import type { FailureCode } from './failure-codes.ts';
import type { WaitingReason } from './waiting-reasons.ts';

/** What an error answer of Defender means for the task. Five different things stay five different things. */
export type DefenderVerdict =
  /** No retry heals it. */
  | { readonly kind: 'fail'; readonly code: FailureCode }
  /** Later it may work: the task waits for this reason. */
  | { readonly kind: 'wait'; readonly reason: WaitingReason }
  /** Once more with a new token; if that is refused too, it is a missing permission. */
  | { readonly kind: 'renewToken'; readonly code: FailureCode };

const fail = (code: FailureCode): DefenderVerdict => ({ kind: 'fail', code });
const wait = (reason: WaitingReason): DefenderVerdict => ({ kind: 'wait', reason });

/**
 * Defender's error codes (https://learn.microsoft.com/defender-endpoint/api/common-errors). Its messages are free text
 * that may change, so codes decide.
 */
export const DEFENDER_ERRORS = {
  ActiveRequestAlreadyExists: wait('MachineBusy'),
  TooManyRequests: wait('SubmitRate'),
  InternalServerError: wait('DefenderUnavailable'),
  Unauthorized: { kind: 'renewToken', code: 'PermissionMissing' },
  Forbidden: fail('PermissionMissing'),
  DisabledFeature: fail('LiveResponseDisabled'),
  DisallowedOperation: fail('RemediationLevelMissing'),
  ResourceNotFound: fail('MachineNotFound'),
  NotFound: fail('MachineNotFound'),
  OsPlatformNotSupported: fail('PlatformNotSupported'),
  ClientVersionNotSupported: fail('PlatformNotSupported'),
  InvalidRequestBody: fail('InvalidCommand'),
  MissingRequiredParameter: fail('InvalidCommand'),
  InvalidInput: fail('InvalidCommand'),
  BadRequest: fail('InvalidCommand'),
  // We wrote the query, so the fault is ours.
  ODataError: fail('InternalError'),
} as const satisfies Record<string, DefenderVerdict>;

/** The verdict by Defender's code, or by the HTTP status where the code is missing or not known to us. */
export function defenderVerdict(httpStatus: number | undefined, code: string | undefined): DefenderVerdict {
  if (isKnown(code)) return DEFENDER_ERRORS[code];
  if (httpStatus === undefined || httpStatus >= 500 || httpStatus === 408) return wait('DefenderUnavailable');
  switch (httpStatus) {
    case 429:
      return wait('SubmitRate');
    case 400:
      return fail('InvalidCommand');
    case 401:
      return DEFENDER_ERRORS.Unauthorized;
    case 403:
      return fail('PermissionMissing');
    case 404:
      return fail('MachineNotFound');
    default:
      return fail('DefenderError');
  }
}

function isKnown(code = ''): code is keyof typeof DEFENDER_ERRORS {
  return Object.hasOwn(DEFENDER_ERRORS, code);
}
