export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const HEAD = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|Nan|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const PART_OF_HISTOGRAM = /_(bucket|sum|count)$/;

/**
 * Reads Prometheus' exposition format 0.0.4, and throws at whatever a strict reader would not accept: every metric
 * stands in one place below its own head, and no series stands there twice.
 */
export function parseExposition(text: string): readonly Sample[] {
  demand(text.endsWith('\n'), 'the last line must end');
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const heads = new Set<string>();
  let family = '';
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line);
    if (head !== null) {
      const [, kind, name = '', rest = ''] = head;
      if (kind === 'TYPE') {
        demand(name === family, `${line}: a TYPE follows its HELP`);
        demand(/^(counter|gauge|histogram)$/.test(rest), line);
      } else {
        demand(!heads.has(name), `${name} stands in two places`);
        heads.add(name);
        family = name;
      }
    } else if (line !== '') {
      const sample = parseSample(line);
      const own = sample.name === family || sample.name.replace(PART_OF_HISTOGRAM, '') === family;
      demand(own, `${line}: stands below ${family}`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      demand(!seen.has(key), `${line}: stands there twice`);
      seen.add(key);
      samples.push(sample);
    }
  }
  return samples;
}

function parseSample(line: string): Sample {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`${line}: not a sample`);
  const [, name = '', labels = '', value] = match;
  return { name, labels: parseLabels(labels), value: Number(value) };
}

function parseLabels(text: string): Record<string, string> {
  const labels = new Map<string, string>();
  for (let rest = text; rest !== '';) {
    const match = LABEL.exec(rest);
    if (match === null) throw new Error(`${text}: not labels`);
    const [whole, key = '', value = ''] = match;
    demand(!labels.has(key), `${text}: ${key} stands there twice`);
    labels.set(
      key,
      value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    );
    rest = rest.slice(whole.length);
  }
  return Object.fromEntries(labels);
}

function demand(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
