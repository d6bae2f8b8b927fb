import { remedyFor } from '../src/core/remedy.ts';
import { TROUBLES } from '../src/core/trouble.ts';
import { CAUSES, VERDICTS } from '../src/core/verdict.ts';

/** One row for each cause that a person can do something about, and then for each trouble that has its own remedy. */
export function remediesTable(): string {
  const rows = VERDICTS.flatMap((verdict) => CAUSES[verdict]).flatMap((cause) => {
    const remedy = remedyFor(cause);
    return remedy === null ? [] : [`| \`${cause}\` | ${remedy} |`];
  });
  const troubles = Object.values(TROUBLES).map(({ detail, remedy }) => `| ${detail} | ${remedy} |`);
  const first = ['| cause | remedy |', '|---|---|', ...rows];
  const words =
    'Where the detail of a probe begins with one of these, its remedy is shown in place of that of the cause:';
  return [...first, '', words, '', '| detail | remedy |', '|---|---|', ...troubles].join('\n');
}
