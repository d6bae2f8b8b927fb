import { parseDuration } from '../../core/schedule/duration.ts';
import { useSpeech } from '../state/page-context.ts';

/** What is entered before an instance is paused or its trouble acknowledged. */
export interface Reasoned {
  readonly reason: string;
  /** How long it lasts, as it is typed; empty: until it is ended. */
  readonly lasts: string;
}

/** Nobody should have to type how long a pause usually is; an acknowledgement ends with its trouble. */
export const PAUSE_AT_FIRST: Reasoned = { reason: '', lasts: '2h' };
export const ACK_AT_FIRST: Reasoned = { reason: '', lasts: '' };

/** The same as the API takes it. */
export function reasonedBody({ reason, lasts }: Reasoned): object {
  return { ...(reason.trim() === '' ? {} : { reason }), ...(lasts === '' ? {} : { for: lasts }) };
}

interface Props {
  readonly action: 'pause' | 'ack';
  readonly value: Reasoned;
  readonly onChange: (value: Reasoned) => void;
}

/** Why and for how long; what is wrong with the length is shown while it is typed, and the browser submits no form with it. */
export function ReasonFields({ action, value, onChange }: Props) {
  const { dialog } = useSpeech().page;
  const isPause = action === 'pause';
  const isRight = value.lasts === '' || (parseDuration(value.lasts) ?? 0) > 0;
  return (
    <>
      <label class="field">
        <span class="field-label">{isPause ? dialog.reason : dialog.reasonIfAny}</span>
        <input
          type="text"
          required={isPause}
          maxLength={200}
          autofocus
          value={value.reason}
          onInput={(event) => onChange({ ...value, reason: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span class="field-label">{isPause ? dialog.pauseFor : dialog.ackFor}</span>
        <input
          type="text"
          value={value.lasts}
          aria-invalid={!isRight}
          aria-describedby={isRight ? undefined : 'duration-wrong'}
          ref={(input) => input?.setCustomValidity(isRight ? '' : dialog.notALength)}
          onInput={(event) => onChange({ ...value, lasts: event.currentTarget.value.trim() })}
        />
        {!isRight && (
          <span class="field-wrong" id="duration-wrong" role="status">
            {dialog.notALength}
          </span>
        )}
      </label>
    </>
  );
}
