import { useState } from 'preact/hooks';
import { BulkDialog } from '../dialogs/bulk-dialog.tsx';
import type { ApiClient } from '../state/api-client.ts';
import { BULK_ACTIONS, type BulkAction } from '../state/bulk.ts';
import type { Row } from '../state/fleet-rows.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { useValue } from '../state/observable.ts';
import { useSpeech } from '../speech/speech.ts';

interface Props {
  readonly rows: readonly Row[];
  readonly api: ApiClient;
  readonly state: FleetState;
  readonly say: (text: string) => void;
}

/** What can be done with all instances that pass the filters. */
export function BulkBar({ rows, api, state, say }: Props) {
  const { bulk, actions } = useSpeech().page;
  const [action, setAction] = useState<BulkAction | null>(null);
  const writable = useValue(state.status)?.writable === true;
  if (!writable || rows.length === 0) return null;
  return (
    <div class="bulk" role="group" aria-label={bulk.group}>
      {BULK_ACTIONS.map((one) => (
        <button key={one} type="button" onClick={() => setAction(one)}>
          {bulk.these(actions[one].button)}
        </button>
      ))}
      {action !== null && (
        <BulkDialog action={action} rows={rows} api={api} state={state} say={say} onClose={() => setAction(null)} />
      )}
    </div>
  );
}
