import { createServer, type Socket, type AddressInfo } from 'node:net';
import { readWrittenIntent } from './written-intent.ts';

// A gateway that only answers fast, in a process of its own, controlled by its parent. It must never limit a run, so it
// reads only the request line of HTTP/1.1 and whether to close the connection.
const REQUEST_LIMIT = 16 * 1024;
const RESTART_MS = 200;

export type Order =
  | { readonly type: 'look' }
  | { readonly type: 'become'; readonly what: 'well' | 'sick' | 'hanging'; readonly ids: readonly string[] | 'all' }
  /** What the list says from now on: all is well with these, in items of so many bytes, the same or something new each time. */
  | { readonly type: 'list'; readonly ids: readonly string[]; readonly bytes: number; readonly changes?: boolean }
  /** Checks for the next `restarts` calls whether the intent is in that state folder when the call arrives. */
  | { readonly type: 'check'; readonly folder: string; readonly account: string; readonly restarts: number };

/** What has been counted since the process began. */
export interface Seen {
  /** Wall clock, when the order was carried out. */
  readonly at: number;
  readonly probes: number;
  readonly lists: number;
  /** CPU time of the server, in microseconds. */
  readonly cpu: number;
  /** When each restart call arrived. */
  readonly restarts: readonly number[];
  readonly mostRestartsAtOnce: number;
  readonly intentsChecked: number;
  /** Ids of those that were called without their intent being written. */
  readonly intentsMissing: readonly string[];
}

const sick = new Set<string>();
const hanging = new Set<string>();
const restarts: number[] = [];
const intentsMissing: string[] = [];
let [probes, lists, restarting, mostRestartsAtOnce, intentsChecked] = [0, 0, 0, 0, 0];
let listed: Buffer = Buffer.alloc(0);
let listChanges = false;
let [everyoneIsSick, check] = [false, null as Extract<Order, { type: 'check' }> | null];
const cured = new Set<string>();

function answer(state: string): Buffer {
  return json({ status: 200, instance: { instanceName: 'bench', state } });
}

function json(value: unknown): Buffer {
  const body = JSON.stringify(value);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}
const OPEN = answer('open');
const CLOSED = answer('close');

function isSick(id: string): boolean {
  return everyoneIsSick ? !cured.has(id) : sick.has(id);
}

async function restart(id: string): Promise<void> {
  restarts.push(Date.now());
  restarting += 1;
  mostRestartsAtOnce = Math.max(mostRestartsAtOnce, restarting);
  if (check !== null && intentsChecked < check.restarts) {
    intentsChecked += 1;
    const intent = await readWrittenIntent(check.folder, check.account, id);
    if (intent === null) intentsMissing.push(id);
  }
  await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
  restarting -= 1;
  sick.delete(id);
  cured.add(id);
}

/** One whole request without its body; restarts of this profile have none. */
function serve(socket: Socket, request: string): void {
  const id = request.split('/', 4)[3] ?? '';
  const closing = /\r\nconnection: close/i.test(request);
  const reply = (bytes: Buffer): unknown => (closing ? socket.end(bytes) : socket.write(bytes));
  if (request.startsWith('POST')) {
    void restart(id).then(() => {
      reply(OPEN);
    });
    return;
  }
  if (id.startsWith('list ')) {
    lists += 1;
    // The last character of the last text: `x"}]`.
    if (listChanges) listed[listed.length - 4] = 48 + (lists % 10);
    reply(listed);
    return;
  }
  probes += 1;
  if (hanging.has(id)) return;
  reply(isSick(id) ? CLOSED : OPEN);
}

const server = createServer({ noDelay: true }, (socket) => {
  let pending = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      const request = pending.slice(0, end + 2);
      pending = pending.slice(end + 4);
      serve(socket, request);
    }
    if (pending.length > REQUEST_LIMIT) socket.destroy();
  });
});

function become({ what, ids }: Extract<Order, { type: 'become' }>): void {
  if (ids === 'all') {
    everyoneIsSick = what === 'sick';
    for (const set of [sick, hanging, cured]) set.clear();
    return;
  }
  for (const id of ids) {
    sick.delete(id);
    hanging.delete(id);
    if (what !== 'well') (what === 'sick' ? sick : hanging).add(id);
  }
}

/** An item as gateways write them: what it is about, and much else. */
function itemOf(id: string, bytes: number): object {
  const item = { id, state: 'open', settings: '' };
  return { ...item, settings: 'x'.repeat(Math.max(0, bytes - JSON.stringify(item).length)) };
}

process.on('message', ({ number, order }: { number: number; order: Order }) => {
  if (order.type === 'become') become(order);
  if (order.type === 'check') check = order;
  if (order.type === 'list') {
    listed = json(order.ids.map((id) => itemOf(id, order.bytes)));
    listChanges = order.changes === true;
  }
  const { user, system } = process.cpuUsage();
  const seen: Seen = {
    at: Date.now(),
    probes,
    lists,
    cpu: user + system,
    restarts,
    mostRestartsAtOnce,
    intentsChecked,
    intentsMissing,
  };
  process.send?.({ number, seen });
});
process.on('disconnect', () => process.exit());
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
