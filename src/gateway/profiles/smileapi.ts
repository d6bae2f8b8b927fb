import type { Profile } from './profile.ts';

/**
 * SmileAPI. Its documentation names neither the method of the restart nor the words of the connection state, so the
 * usual places are searched and the state words of every gateway known to us are understood: Evolution API, CodeChat,
 * WAHA, wwebjs-api (WhatsApp Web's own `WAState`), WPPConnect, Green-API, UltraMsg, uazapi and Z-API.
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
    connected: ['open', 'connected', 'WORKING', 'authorized', 'authenticated', 'You are already connected.'],
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
    ],
    conflict: ['CONFLICT', 'connectionReplaced', 'replaced'],
    stopped: ['STOPPED'],
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
    ],
    banned: ['banned', 'blocked', 'TOS_BLOCK', 'SMB_TOS_BLOCK', 'PROXYBLOCK', 'suspended', 'yellowCard'],
    not_found: ['session_not_found'],
  },
  positiveSigns: [{ path: 'status', values: [200, 'success'] }],
  denials: [
    { path: 'error', equals: true },
    { path: 'success', equals: false },
    { path: 'status', equals: 'error' },
    { path: 'status', statusFrom: 400 },
    { path: 'error', namesTrouble: true },
  ],
  textPaths: ['message', 'response.message', 'error', 'data.message', 'data.error'],
  troubles: [
    { text: 'unauthorized', cause: 'unauthorized' },
    { text: 'authentication failed', cause: 'unauthorized' },
    { text: 'instance not found', cause: 'not_found' },
    { text: 'session_not_found', cause: 'not_found' },
    { text: 'instance does not exist', cause: 'not_found' },
  ],
  restartRefusals: new Map([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'restart_unsupported'],
    [405, 'restart_unsupported'],
  ]),
};
