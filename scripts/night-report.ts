// The shipped incidents side by side: what they cost before the rules that came from them, and what they cost now.
//   npm run -s night-report
// Prints the table of docs/concepts.md.
import { NIGHT_HEAD, nightRow } from './night-table.ts';
import { playShipped, SHIPPED } from './shipped-scenarios.ts';

for (const line of NIGHT_HEAD) process.stdout.write(`${line}\n`);
for (const name of SHIPPED) {
  const report = await playShipped(name);
  if ('problem' in report) throw new Error(report.problem);
  process.stdout.write(`${nightRow(name, report)}\n`);
}
