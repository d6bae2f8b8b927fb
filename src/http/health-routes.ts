import type { HttpApp, HttpParts } from './http-parts.ts';
import { problem } from './problem.ts';

/** When everything is late, a few examples tell as much as ten thousand. */
const NAMED_AT_MOST = 10;

/** `GET /-/healthy` and `GET /-/ready`, for whoever runs this process. They tell nothing about the instances. */
export function addHealthRoutes(app: HttpApp, { late, ready }: HttpParts): void {
  app.get('/-/healthy', (c) => {
    const reasons = late();
    return reasons.length === 0 ? c.text('ok') : problem(503, `Late: ${named(reasons)}.`);
  });

  app.get('/-/ready', (c) => {
    return ready() ? c.text('ready') : problem(503, 'Starting: the first probes are not all out yet.');
  });
}

function named(reasons: readonly string[]): string {
  const more = reasons.length - NAMED_AT_MOST;
  return reasons.slice(0, NAMED_AT_MOST).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
