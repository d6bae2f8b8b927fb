import { useState } from 'preact/hooks';
import { BulkDialog } from '../dialogs/bulk-dialog.tsx';
import { BULK_ACTIONS, type BulkAction } from '../state/bulk.ts';
import type { Row } from '../state/fleet-rows.ts';
import { useValue } from '../state/observable.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

/** What can be done with all instances that pass the filters. */
export function BulkBar({ rows }: { readonly rows: readonly Row[] }) {
  const { state } = usePage();
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
      {action !== null && <BulkDialog action={action} rows={rows} onClose={() => setAction(null)} />}
    </div>
  );
}
