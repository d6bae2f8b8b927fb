import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonAnswer, type Whole } from './instance/answers.ts';
import { parseHealth, parseInstruction } from './instance/behaviour-json.ts';
import { send } from './instance/delivery.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import { BODY_LIMIT_BYTES, bodyOf } from './sent-message.ts';
import { UnknownInstanceError } from './simulator.ts';

/** How the paths of the control routes begin. */
export const CONTROL_PREFIX = '/_sim/';

/**
 * Lets another process steer and count. It has no authentication, so listen only where no one else can connect.
 *
 * | route | |
 * |---|---|
 * | `GET /_sim/stats` | `{instances, requests}` |
 * | `PUT /_sim/health` | `{"healthy": false}`: what `/v1/health` answers |
 * | `PUT /_sim/instances` | `{"preset": name}` or `{"behaviour": {…}}` for every instance |
 * | `PUT /_sim/instances/{id}` | the same for one; an unknown id becomes a new instance |
 * | `GET /_sim/instances/{id}` | `{phoneNumberId, behaviour, probes, restarts, restartTimes}` |
 */
export function controlHandler(
  simulator: SimulatedGateway,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await bodyOf(request, response);
    send((body === null ? TOO_LARGE : answer(simulator, request, body)).answer, response);
  };
}

const TOO_LARGE = problem(413, `the body is larger than ${BODY_LIMIT_BYTES} bytes`);

function answer(simulator: SimulatedGateway, { method = 'GET', url = '' }: IncomingMessage, body: string): Whole {
  const [resource = '', id, ...rest] = url.slice(CONTROL_PREFIX.length).split('/');
  if (id === '' || rest.length > 0) return noRoute(method, url);
  try {
    switch (`${method} ${resource}${id === undefined ? '' : '/{id}'}`) {
      case 'GET stats':
        return stats(simulator);
      case 'PUT health':
        simulator.setHealthy(parseHealth(body));
        return stats(simulator);
      case 'PUT instances':
        simulator.setAll(parseInstruction(body));
        return stats(simulator);
      case 'PUT instances/{id}':
        simulator.set(decodeURIComponent(id ?? ''), parseInstruction(body));
        return instance(simulator, decodeURIComponent(id ?? ''));
      case 'GET instances/{id}':
        return instance(simulator, decodeURIComponent(id ?? ''));
      default:
        return noRoute(method, url);
    }
  } catch (error) {
    return problem(
      error instanceof UnknownInstanceError ? 404 : 400,
      error instanceof Error ? error.message : String(error),
    );
  }
}

function noRoute(method: string, url: string): Whole {
  return problem(404, `no control route ${method} ${url}`);
}

function stats(simulator: SimulatedGateway): Whole {
  return jsonAnswer(200, { instances: simulator.phoneNumberIds().length, requests: simulator.requests() });
}

/** Without the headers, which hold the token. */
function instance(simulator: SimulatedGateway, phoneNumberId: string): Whole {
  const { probes, restarts, restartTimes } = simulator.counts(phoneNumberId);
  const behaviour = simulator.behaviour(phoneNumberId);
  return jsonAnswer(200, { phoneNumberId, behaviour, probes, restarts, restartTimes });
}

function problem(status: number, detail: string): Whole {
  return jsonAnswer(status, { status, detail });
}
