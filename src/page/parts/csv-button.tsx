import type { ApiClient } from '../state/api-client.ts';
import { useSpeech } from '../speech/speech.ts';

interface Props {
  readonly api: ApiClient;
  readonly path: string;
  /** Its name on the user's disk. */
  readonly file: string;
}

/** Saves a table for spreadsheets. A plain link would not show the token. */
export function CsvButton({ api, path, file }: Props) {
  const { frame } = useSpeech().page;
  const save = async (): Promise<void> => {
    const url = URL.createObjectURL(new Blob([await api.text(path)], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = file;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button type="button" class="csv" onClick={() => void save()}>
      {frame.saveCsv}
    </button>
  );
}
