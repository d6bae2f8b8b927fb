import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Usage {
  /** CPU time since the processes began, in microseconds. */
  readonly cpu: number;
  /** Resident bytes. */
  readonly rss: number;
}

let ticks = 0;

/** What processes have used, added up; Linux only. */
export function usageOf(pids: readonly number[]): Usage {
  ticks ||= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const each = pids.map((pid) => {
    // The name may hold blanks and parentheses; what follows the last one does not. See proc(5).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpu: ((user + system + childUser + childSystem) / ticks) * 1e6, rss: Number(kib) * 1024 };
  });
  return each.reduce((sum, { cpu, rss }) => ({ cpu: sum.cpu + cpu, rss: sum.rss + rss }), { cpu: 0, rss: 0 });
}
