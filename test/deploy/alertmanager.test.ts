import { describe, expect, it, vi } from 'vitest';
import { DEPLOY, documents, have, PATIENCE, run } from './tools.ts';

vi.setConfig({ testTimeout: PATIENCE });

const FILE = 'alertmanager/alertmanager.yml';

interface Config {
  receivers: {
    name: string;
    webhook_configs?: {
      url: string;
      send_resolved?: boolean;
      http_config?: { authorization?: { type?: string; credentials?: string; credentials_file?: string } };
    }[];
  }[];
}

/** Where an alert with these labels goes. */
function receivers(...labels: readonly string[]): string {
  const { status, output } = run('amtool', ['config', 'routes', 'test', `--config.file=${FILE}`, ...labels], {
    cwd: DEPLOY,
  });
  expect(status).toBe(0);
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('Warning:'))[0] ?? '';
}

describe('config of Alertmanager', () => {
  it.runIf(have('amtool'))('is what amtool takes', () => {
    expect(run('amtool', ['check-config', FILE], { cwd: DEPLOY })).toMatchObject({ status: 0 });
  });

  it.runIf(have('amtool')).each([
    ['alertname=WhatsAppInstanceDeaf restart=true name=support severity=warning', 'watchdog-restart,people'],
    ['alertname=WhatsAppInstanceDeaf restart=true severity=warning', 'people'],
    ['alertname=WhatsAppInstanceDown name=support severity=warning', 'people'],
    ['alertname=WhatsAppInstanceDown restart=false name=support severity=critical', 'people'],
  ])('sends %s to %s', (labels, to) => expect(receivers(...labels.split(' '))).toBe(to));

  it('notifies of each trouble once: what follows from it is inhibited', () => {
    const [{ inhibit_rules }] = documents(FILE) as [
      { inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[] },
    ];
    const inhibited = (source: string, target: string): boolean =>
      inhibit_rules.some(({ source_matchers: [from = ''], target_matchers: [to = ''] }) =>
        [from, to].every((matcher, at) => matcher.split(/["|]/).includes(at === 0 ? source : target)),
      );
    for (const [source, target] of [
      ['WhatsAppStorm', 'WhatsAppInstanceExhausted'],
      ['WhatsAppGatewayOutage', 'WhatsAppStorm'],
      ['WhatsAppOwnNetworkDown', 'WhatsAppGatewayOutage'],
      ['WatchdogRefused', 'WhatsAppInstanceNeedsHuman'],
      ['WatchdogRestartsHarm', 'WhatsAppInstanceNeedsHuman'],
      ['WhatsAppInstanceNeedsHuman', 'WhatsAppNeedsHumanCause'],
    ] as const)
      expect(inhibited(source, target), `${source} → ${target}`).toBe(true);
  });

  it('calls the hook of the watchdog with a token from a file, and does not send it what is resolved', () => {
    const [config] = documents(FILE) as Config[];
    const [hook] = config!.receivers.find(({ name }) => name === 'watchdog-restart')?.webhook_configs ?? [];
    expect(new URL(hook!.url).pathname).toBe('/api/v1/hooks/alertmanager');
    expect(hook?.send_resolved).toBe(false);
    expect(hook?.http_config?.authorization).toEqual({
      type: 'Bearer',
      credentials_file: '/run/secrets/watchdog-hook-token',
    });
  });
});
