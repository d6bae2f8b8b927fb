import { parseDuration } from '../../core/schedule/duration.ts';

/** Whether a length of time can be understood; empty is none. */
export function isDuration(text: string): boolean {
  const duration = text === '' ? null : parseDuration(text);
  return text === '' || (duration !== null && duration > 0);
}

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** How long a pause lasts; what is wrong with it is shown while it is typed. */
export function DurationField({ value, onChange }: Props) {
  const isRight = isDuration(value);
  return (
    <label class="field">
      <span class="field-label">For (such as 30m, 2h, 1d; empty: until it is resumed)</span>
      <input
        type="text"
        value={value}
        aria-invalid={!isRight}
        aria-describedby={isRight ? undefined : 'duration-wrong'}
        ref={(input) => input?.setCustomValidity(isRight ? '' : 'Write a length of time, such as 30m, 2h or 1d12h.')}
        onInput={(event) => onChange(event.currentTarget.value.trim())}
      />
      {!isRight && (
        <span class="field-wrong" id="duration-wrong" role="status">
          Write a length of time, such as 30m, 2h or 1d12h.
        </span>
      )}
    </label>
  );
}
