import type { AccountConfig } from '../config.ts';
import { builtInGateway, type KnownGateway } from '../gateways/built-in.ts';
import type { ConfigPath } from '../problems.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import type { SideFiles } from './side-files.ts';
import type { AccountEntry } from './sources.ts';

/** An account as the config has it: with the profile of its gateway, and with what its files hold. */
export async function accountConfig(
  { source, path, name, input }: AccountEntry,
  gateways: ReadonlyMap<string, KnownGateway>,
  sideFiles: SideFiles,
): Promise<AccountConfig> {
  // One that is wrong is among the problems, so nothing is done with this.
  const profile = (gateways.get(input.gateway) ?? builtInGateway('smileapi'))?.profile;
  if (profile === undefined) throw new TypeError('the built-in gateway smileapi is missing');
  const {
    tokenFile,
    token,
    hookToken,
    hookTokenFile,
    tls,
    headers,
    probe: _probe,
    restart: _restart,
    activity: _activity,
    discover: _discover,
    ...settings
  } = input;
  return {
    ...settings,
    discover: null,
    name,
    profile,
    baseUrl: input.baseUrl ?? profile.baseUrl ?? '',
    token: await sideFiles.secretOr(token ?? '', 'token', source, [...path, 'tokenFile'], tokenFile),
    hookToken: await sideFiles.secretOr(hookToken, 'ownToken', source, [...path, 'hookTokenFile'], hookTokenFile),
    restartMethod: input.restartMethod ?? 'auto',
    healthPath: input.healthPath === undefined ? (profile.health?.request.path ?? null) : input.healthPath,
    values: await headerValues(source, [...path, 'values'], input.values, sideFiles),
    tls: await tlsFiles(source, [...path, 'tls'], tls, sideFiles),
    headers: await headerValues(source, [...path, 'headers'], headers, sideFiles),
  };
}

async function tlsFiles(
  source: SourceFile,
  path: ConfigPath,
  { caFile, certFile, keyFile, ...checks }: AccountEntry['input']['tls'],
  sideFiles: SideFiles,
): Promise<AccountConfig['tls']> {
  const ca = caFile === null ? null : await sideFiles.certificates(source, [...path, 'caFile'], caFile);
  const client =
    certFile === null || keyFile === null ? null : await sideFiles.clientCertificate(source, path, certFile, keyFile);
  return { ...checks, ca, client };
}

async function headerValues(
  source: SourceFile,
  path: ConfigPath,
  headers: AccountEntry['input']['headers'],
  sideFiles: SideFiles,
): Promise<AccountConfig['headers']> {
  const found: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const file = [...path, name, 'file'];
    found.push([name, typeof value === 'string' ? value : await sideFiles.secret('header', source, file, value.file)]);
  }
  return Object.fromEntries(found);
}
