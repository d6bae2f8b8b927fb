import type { Peer, PeerAnswer, Peers } from '../../src/http/peers/peers.ts';

export const peerOf = (replica: string, advertise: string | null = 'http://x'): Peer => ({
  replica,
  advertise,
});

/** Nobody else lives, and the config has every account and names none; whatever the test needs otherwise, it says. */
export function fakePeers(more: Partial<Peers>): Peers {
  return {
    replica: 'one',
    config: 'c1',
    leaseTrouble: null,
    list: () => [],
    ownerOf: () => null,
    accountOf: () => null,
    accounts: () => [],
    hasAccount: () => true,
    discovers: false,
    hasInstance: () => false,
    placeOf: () => null,
    displayNameOf: () => null,
    isPeerToken: (shown) => shown === 'peer-token',
    call: () => Promise.reject(new Error('nobody to call')),
    stream: () => Promise.resolve(),
    ...more,
  };
}

export function jsonAnswer(body: string, status = 200): Promise<PeerAnswer> {
  return Promise.resolve({ status, contentType: 'application/json', body });
}
