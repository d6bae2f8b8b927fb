import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../core/problem.ts';
import { checkFile } from '../read/checked-file.ts';
import { parseCsv } from './parse-csv.ts';
import { includedFile } from '../schema/config-schema.ts';

const HEADER = 'phoneNumberId,name,account';

const instancesOf = (text: string, env = {}): unknown => {
  const { data, problems } = parseCsv('list.csv', text, env);
  expect(problems).toEqual([]);
  return (data as { instances: unknown }).instances;
};

/** `line:column path: message`, and below it the remedy. */
const problemsOf = (text: string, env = {}): string =>
  formatProblems(checkFile(parseCsv('list.csv', text, env), includedFile).problems);

describe('a list of instances as CSV', () => {
  it('takes known columns in any order, and every other one as a label', () => {
    expect(
      instancesOf('account,team,phoneNumberId,enabled,name,displayName\nacme,sales,0042,FALSE,front,São Paulo\n'),
    ).toEqual([
      {
        account: 'acme',
        phoneNumberId: '0042',
        enabled: false,
        name: 'front',
        displayName: 'São Paulo',
        labels: { team: 'sales' },
      },
    ]);
  });

  it('sets nothing by an empty cell', () => {
    expect(instancesOf(`${HEADER},team\n1,,acme,\n`)).toEqual([{ phoneNumberId: '1', account: 'acme' }]);
  });

  it('is read with a byte order mark, CRLF, blank lines and quoted values over two lines', () => {
    expect(instancesOf(`\uFEFF${HEADER},note\r\n\r\n1,,acme,"a ""b"",\r\nc"\r\n2,,acme,\r\n`)).toEqual([
      { phoneNumberId: '1', account: 'acme', labels: { note: 'a "b",\r\nc' } },
      { phoneNumberId: '2', account: 'acme' },
    ]);
  });

  it('fills in variables, whose values are not looked at again', () => {
    const env = { ACCOUNT: 'ac,me"', N: '${ACCOUNT}' };
    expect(instancesOf(`${HEADER}\n\${N},$\${N},\${ACCOUNT}\n`, env)).toEqual([
      { phoneNumberId: '${ACCOUNT}', name: '${N}', account: 'ac,me"' },
    ]);
  });

  it('may be empty', () => {
    expect(instancesOf(HEADER)).toEqual([]);
  });
});

describe('a mistake in a CSV list', () => {
  it('is reported with line and column, also behind multi-byte text, quotes and blank lines', () => {
    const text = `\uFEFF${HEADER},team\r\n"1","é, ü",acme,\r\n\r\n2,two,acme,"über\n\nall"\r\n3,"b,d",acme,x\r\n`;
    expect(problemsOf(text)).toMatch(/^list\.csv:2:5 instances\[0\]\.name: "é, ü" is not a name/);
    expect(problemsOf(text)).toMatch(/\nlist\.csv:7:3 instances\[2\]\.name: "b,d" is not a name/);
  });

  it.each([
    ['', 'list.csv:1:1: the file is empty'],
    ['phoneNumberId;name;account\n1;a;acme\n', 'Separate columns by commas, not by semicolons.'],
    ['phoneNumberId;name;account\n1;"a b";acme\n', 'Separate columns by commas, not by semicolons.'],
    ['"phoneNumberId";"name";"account"\r\n1;a;acme\n', 'Separate columns by commas, not by semicolons.'],
    ['phoneNumberId\tname\taccount\n1\ta\tacme\n', 'Separate columns by commas, not by tabs.'],
    ['phoneNumberId,Account\n1,acme\n', 'list.csv:1:15: unknown column "Account"'],
    ['phoneNumberId,acount\n1,acme\n', 'Rename the column "acount", if it holds that.'],
    [`${HEADER},probe.every\n`, 'list.csv:1:28: unknown column "probe.every"'],
    [`${HEADER},probe\n`, 'list.csv:1:28: unknown column "probe"'],
    [`${HEADER},\n`, 'list.csv:1:28: unknown column ""'],
    [`${HEADER},__proto__\n`, 'list.csv:1:28: unknown column "__proto__"'],
    [`${HEADER},name\n`, 'list.csv:1:28: the column "name" is there twice'],
    [`${HEADER}\n1,a,acme\n2,b\n`, 'list.csv:3:1 instances[1]: the line has 2 values, but the first line names 3'],
    [`${HEADER}\n1,a,acme\n2,"b,acme\n3,c,acme\n`, 'list.csv:3:3 instances[1].name: a quote opens here and is never'],
    [`${HEADER}\n1,a"b,acme\n`, 'list.csv:2:3 instances[0].name: a value that is not in quotes contains a quote'],
    [`${HEADER}\n1,"a"b,acme\n`, 'list.csv:2:3 instances[0].name: text follows a closing quote'],
    [`${HEADER}\n1,a,\n`, 'list.csv:2:5 instances[0].account: is missing'],
    [`${HEADER},enabled\n1,a,acme,yes\n`, 'list.csv:2:10 instances[0].enabled: must be true or false'],
    [`${HEADER}\n1,a,\${NOT_SET}\n`, 'list.csv:2:5 instances[0].account: environment variable NOT_SET is not set'],
  ])('%j', (text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  it('keeps the other lines', () => {
    const checked = checkFile(parseCsv('list.csv', `${HEADER}\n1\n2,b,acme\n`, {}), includedFile);
    expect(checked.problems).toHaveLength(1);
    expect(checked.positionOf('instances', 0)).toBe(1);
    expect(checked.input.instances).toMatchObject([{ phoneNumberId: '2' }]);
  });
});
