import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { read } from './tools.ts';

interface Node {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly position: readonly [number, number];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly credentials?: unknown;
}
interface Workflow {
  readonly name: string;
  readonly active: boolean;
  readonly nodes: readonly Node[];
  readonly connections: Readonly<
    Record<string, { readonly main: readonly (readonly { node: string; type: string; index: number }[])[] }>
  >;
}

const text = read('n8n/restart-instance.json');
const workflow = JSON.parse(text) as Workflow;
const TRIGGERS = ['n8n-nodes-base.webhook', 'n8n-nodes-base.scheduleTrigger'];
const node = (name: string): Node => workflow.nodes.find((other) => other.name === name)!;
const after = (name: string): string[] =>
  (workflow.connections[name]?.main ?? []).flatMap((output) => output.map((to) => to.node));

describe('workflow of n8n', () => {
  it('has nodes with unique ids and names, a type, a version and a place', () => {
    const unique = (values: readonly string[]): void => {
      expect(new Set(values).size).toBe(values.length);
    };
    unique(workflow.nodes.map(({ id }) => id));
    unique(workflow.nodes.map(({ name }) => name));
    for (const { id, type, typeVersion, position } of workflow.nodes) {
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(type).toMatch(/^n8n-nodes-base\.[a-zA-Z]+$/);
      expect(typeVersion).toBeGreaterThan(0);
      expect(position).toHaveLength(2);
    }
  });

  it('connects only nodes that there are, and leads from each trigger to the restart', () => {
    const names = new Set(workflow.nodes.map(({ name }) => name));
    for (const from of Object.keys(workflow.connections)) {
      expect(names.has(from), from).toBe(true);
      for (const to of after(from)) expect(names.has(to), to).toBe(true);
    }
    const triggers = workflow.nodes.filter(({ type }) => TRIGGERS.includes(type)).map(({ name }) => name);
    expect(triggers).toHaveLength(2);
    const reached = (from: string): Set<string> => {
      const seen = new Set([from]);
      for (const name of seen) for (const to of after(name)) seen.add(to);
      return seen;
    };
    for (const trigger of triggers) expect(reached(trigger).has('Restart the instance'), trigger).toBe(true);
    const notes = workflow.nodes.filter(({ type }) => type.endsWith('.stickyNote')).map(({ name }) => name);
    const all = new Set([...notes, ...triggers.flatMap((trigger) => [...reached(trigger)])]);
    expect(all).toEqual(names);
  });

  it('calls the restart route of the API, with the token in a header from a credential', () => {
    const { type, parameters } = node('Restart the instance');
    expect(type).toBe('n8n-nodes-base.httpRequest');
    expect(parameters).toMatchObject({
      method: 'POST',
      authentication: 'genericCredentialType',
      genericAuthType: 'httpHeaderAuth',
      sendBody: true,
      specifyBody: 'json',
    });
    expect(parameters['url']).toMatch(
      /^=http:\/\/watchdog:9847\/api\/v1\/instances\/\{\{ encodeURIComponent\(\$json\.name\) \}\}\/restart$/,
    );
  });

  it('names the requester in the form that the API accepts, however long the reason is', () => {
    const [, expression = ''] =
      /^=\{\{ (.*) \}\}$/.exec(node('Restart the instance').parameters['jsonBody'] as string) ?? [];
    // The expressions of n8n are JavaScript.
    const json = runInNewContext(expression, { $json: { name: 'support', reason: '"'.repeat(200) } }) as string;
    const body = JSON.parse(json) as { requestedBy: string };
    expect(Object.keys(body)).toEqual(['requestedBy']);
    expect(body.requestedBy).toHaveLength(100);
    expect(body.requestedBy).toMatch(/^n8n: "/);
  });

  it('distinguishes started, held and failed', () => {
    expect(after('Restart the instance')).toEqual(['Started?']);
    expect(JSON.stringify(node('Started?').parameters)).toContain('"rightValue":202');
    expect(JSON.stringify(node('Held?').parameters)).toContain('"rightValue":409');
    expect(after('Held?')).toEqual(['It waits', 'Not possible']);
    expect(node('Not possible').type).toBe('n8n-nodes-base.stopAndError');
  });

  it('asks callers of its webhook for a token, is off until somebody turns it on, and holds no credential', () => {
    expect(node('An error was reported').parameters['authentication']).toBe('headerAuth');
    expect(workflow.active).toBe(false);
    expect(workflow.nodes.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
    expect(text).not.toMatch(/Bearer [A-Za-z0-9]/);
  });
});
