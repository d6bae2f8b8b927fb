import { useState } from 'preact/hooks';
import { usePage, useSpeech } from '../state/page-context.ts';

interface Props {
  /** With `?format=csv`. */
  readonly path: string;
  /** Its name on the user's disk. */
  readonly file: string;
}

/** Without it, Excel takes UTF-8 for something else. Of an answer, a browser leaves it out. */
const MARK = '\u{feff}';

/**
 * Saves a table for spreadsheets, or says that it could not: a table has no place for what is missing. A plain link would not
 * show the token.
 */
export function CsvButton({ path, file }: Props) {
  const { api } = usePage();
  const { language, page } = useSpeech();
  const [failed, setFailed] = useState(false);
  const save = async (): Promise<void> => {
    const url = URL.createObjectURL(new Blob([MARK, await api.text(`${path}&lang=${language}`)], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = file;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <button
        type="button"
        class="csv"
        onClick={() => {
          setFailed(false);
          save().catch(() => setFailed(true));
        }}
      >
        {page.frame.saveCsv}
      </button>
      {failed && (
        <span class="field-wrong" role="status">
          {page.frame.notSaved}
        </span>
      )}
    </>
  );
}
