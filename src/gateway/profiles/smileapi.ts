import { TROUBLE_PHRASES } from './phrases.ts';
import type { Profile } from './profile.ts';

/** Where a body names an HTTP status of its own. */
const STATUS_PATHS = [
  ...['status', 'statusCode', 'code', 'status_code', 'httpStatus', 'httpCode', 'error.statusCode', 'error.status'],
  ...['error.code', 'errors.0.status', 'errors.0.code', 'response.status', 'response.statusCode', 'response.code'],
  ...['data.statusCode', 'meta.code', 'meta.status'],
];

/** How a restart is said to have failed. */
const FAILED = [false, 'false', 'error', 'erro', 'fail', 'failed', 'failure'];

/** Where a body says what went wrong. */
const ERROR_PATHS = ['error', 'errors', 'erro', 'error.message'];

/**
 * SmileAPI. Its documentation names neither the method of the restart nor the words of the connection state, so the
 * usual places are searched and the state words of every gateway known to us are understood: Evolution API, CodeChat,
 * WAHA, wwebjs-api (WhatsApp Web's own `WAState`), WPPConnect, Green-API, UltraMsg, uazapi and Z-API; and, because it
 * is sold in Brazil, the everyday words for these states in Portuguese and Spanish.
 */
export const smileapi: Profile = {
  name: 'smileapi',
  baseUrl: 'https://api.smileapi.com.br',
  healthPath: '/v1/health',
  headers: { Authorization: 'Bearer {token}', Accept: 'application/json' },
  probe: { method: 'GET', path: '/{username}/v1/{phoneNumberId}/instance' },
  restart: { method: 'POST', path: '/{username}/v1/{phoneNumberId}/instance/restart' },
  statePaths: [
    'state',
    'connectionState',
    'connectionStatus',
    'instance.state',
    'instance.connectionState',
    'instance.connectionStatus',
    'instance.status',
    'data.state',
    'data.connectionState',
    'data.connectionStatus',
    'data.status',
  ],
  connectedPaths: ['connected', 'instance.connected', 'data.connected'],
  words: {
    connected: [
      'open',
      'connected',
      'WORKING',
      'authorized',
      'authenticated',
      'You are already connected.',
      ...['conectado', 'conectada', 'aberto', 'aberta', 'abierto', 'abierta'],
      ...['autorizado', 'autorizada', 'autenticado', 'autenticada'],
    ],
    connecting: [
      'connecting',
      'STARTING',
      'OPENING',
      'INITIALIZING',
      'UNLAUNCHED',
      // WhatsApp Web shows this while a phone that is already linked reconnects; without a link it shows UNPAIRED.
      'PAIRING',
      // Green-API: the phone is off or asleep, for up to five minutes.
      'sleepMode',
      ...['conectando', 'reconectando', 'reconnecting', 'iniciando', 'inicializando', 'abrindo', 'abriendo'],
      ...['reiniciando', 'restarting'],
    ],
    disconnected: [
      'close',
      'closed',
      'disconnected',
      'FAILED',
      'TIMEOUT',
      // The page that the gateway drives is too old; a restart loads a newer one.
      'DEPRECATED_VERSION',
      'You are not connected.',
      'You need to restore the session.',
      'not connected',
      ...['desconectado', 'desconectada', 'não conectado', 'não conectada', 'no conectado', 'no conectada'],
      ...['fechado', 'fechada', 'cerrado', 'cerrada', 'sem conexão', 'sin conexión'],
    ],
    conflict: ['CONFLICT', 'connectionReplaced', 'replaced'],
    stopped: ['STOPPED', 'parado', 'parada', 'detenido', 'detenida'],
    pairing_required: [
      'qr',
      'QRCODE',
      'SCAN_QR_CODE',
      'PHONECODE',
      'UNPAIRED',
      'UNPAIRED_IDLE',
      'logged out',
      'notAuthorized',
      // Evolution API: the QR code was shown too often without being scanned.
      'refused',
      ...['deslogado', 'deslogada', 'aguardando QR code', 'esperando QR', 'não autorizado', 'no autorizado'],
    ],
    banned: [
      ...['banned', 'blocked', 'TOS_BLOCK', 'SMB_TOS_BLOCK', 'PROXYBLOCK', 'suspended', 'yellowCard'],
      ...['banido', 'banida', 'baneado', 'baneada', 'bloqueado', 'bloqueada'],
    ],
    not_found: ['session_not_found', 'não encontrado', 'não encontrada', 'no encontrado', 'no encontrada', 'not found'],
  },
  positiveSigns: [{ path: 'status', values: [200, 'success'] }],
  denials: [
    ...['error', 'erro'].map((path) => ({ path, isOneOf: [true, 'true', 1] })),
    ...['success', 'sucesso', 'ok'].map((path) => ({ path, isOneOf: [false, 'false', 'no', 0] })),
    { path: 'status', isOneOf: [false, 'error', 'erro', 'fail', 'failure'] },
    ...STATUS_PATHS.map((path) => ({ path, isErrorStatus: true }) as const),
    ...ERROR_PATHS.map((path) => ({ path, namesTrouble: true }) as const),
  ],
  restartDenials: [
    ...['status', 'result', 'data.status', 'response.status'].map((path) => ({ path, isOneOf: FAILED })),
    { path: 'data.error', isOneOf: [true, 'true', 1] },
    ...['value', 'response', 'isReboot', 'restarted'].map((path) => ({ path, isOneOf: [false, 'false', 0] })),
    ...['data', 'result', 'response'].map((path) => ({ path: `${path}.success`, isOneOf: [false, 'false', 0] })),
    ...[...ERROR_PATHS, 'exception', 'data.error', 'result.error', 'response.error'].map(
      (path) => ({ path, saysSomething: true }) as const,
    ),
  ],
  textPaths: [
    ...['message', 'response.message', 'error', 'error.message', 'error.description', 'data.message', 'data.error'],
    ...['data.error.message', 'errors', 'errors.message', 'detail', 'details', 'description', 'error_description'],
    ...['reason', 'title', 'msg', 'mensagem', 'mensaje', 'erro', 'result.message', 'response.error'],
  ],
  codePaths: ['code', 'errorCode', 'error_code', 'error.code', 'error.type', 'error.name', 'status', 'statusCode'],
  troubles: TROUBLE_PHRASES,
  restartRefusals: new Map([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'restart_unsupported'],
    [405, 'restart_unsupported'],
  ]),
};
