import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { wait } from './measure.ts';

// Strangers at the address of a watchdog, in a process of their own: node attacker.js PORT INSTANCE (attack | health).
// With `attack` it does all at once what one anonymous client can; with `health` it asks how the watchdog is, as a supervisor does.
const [port = '', instance = '', role = ''] = process.argv.slice(2);
const host = '127.0.0.1';

const PIPELINED_LISTS = 200;
const SILENT_STREAMS = 100;
const IDLE_CONNECTIONS = 520;
const WRONG_TOKENS_PER_SECOND = 20;
const HEALTH_EVERY_MS = 100;

/** A connection that is opened again whenever it is closed, as an attacker would. */
function keepOpen(onOpen: (socket: Socket) => void): void {
  const socket = connect(Number(port), host, () => onOpen(socket));
  socket.on('error', () => undefined);
  socket.once('close', () => void setTimeout(() => keepOpen(onOpen), 1_000));
}

/** All of them on one connection in one write, again and again. */
async function pipelineLists(): Promise<never> {
  const list = `GET /api/v1/instances?heartbeats=true HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  for (;;) {
    const socket = connect(Number(port), host, () => socket.write(list.repeat(PIPELINED_LISTS)));
    socket.on('error', () => undefined);
    socket.resume();
    await wait(500);
    socket.destroy();
  }
}

/** The same number of lists at once, each on a connection of its own. */
async function crowdLists(): Promise<never> {
  for (;;) {
    for (let index = 0; index < PIPELINED_LISTS; index += 1) get('/api/v1/instances?heartbeats=true', () => undefined);
    await wait(1_000);
  }
}

function get(path: string, onEnd: (status: number) => void, headers = {}, method = 'GET'): void {
  const call = request({ host, port, path, method, headers, agent: false }, (response) => {
    response.resume();
    response.once('end', () => onEnd(response.statusCode ?? 0));
  });
  call.on('error', () => onEnd(0));
  call.end();
}

function attack(): void {
  void pipelineLists();
  void crowdLists();
  const stream = `GET /api/v1/events?probes=true HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`;
  for (let index = 0; index < SILENT_STREAMS; index += 1) {
    keepOpen((socket) => {
      socket.pause();
      socket.write(stream);
    });
  }
  for (let index = 0; index < IDLE_CONNECTIONS; index += 1) keepOpen((socket) => void socket.resume());
  let guess = 0;
  setInterval(() => {
    guess += 1;
    get(`/api/v1/hooks/gateway/${instance}`, () => undefined, { authorization: `Bearer guess-${guess}` }, 'POST');
  }, 1_000 / WRONG_TOKENS_PER_SECOND);
}

async function askForHealth(): Promise<never> {
  for (;;) {
    const began = performance.now();
    const status = await new Promise<number>((onEnd) => get('/-/healthy', onEnd));
    process.send?.({ status, took: performance.now() - began });
    await wait(HEALTH_EVERY_MS);
  }
}

process.on('disconnect', () => process.exit());
if (role === 'attack') attack();
if (role === 'health') void askForHealth();
