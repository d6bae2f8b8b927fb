import type { HttpApp, HttpParts } from './http-parts.ts';
import { findInstances, parseInstanceQuery, QueryError } from './instance-query.ts';
import { instanceDetailView, instanceView } from './instance-view.ts';
import { problem } from './problem.ts';

/** `GET /api/v1/instances` and `GET /api/v1/instances/{name}`. */
export function addInstanceRoutes(app: HttpApp, { clock, fleet }: HttpParts): void {
  app.get('/api/v1/instances', (c) => {
    try {
      const { page, total, nextCursor } = findInstances(fleet().instances, parseInstanceQuery(c.req.query()));
      const now = clock.now();
      return c.json({ instances: page.map((watched) => instanceView(watched, now)), total, nextCursor });
    } catch (error) {
      if (error instanceof QueryError) return problem(400, error.message);
      throw error;
    }
  });

  app.get('/api/v1/instances/:name', (c) => {
    const watched = fleet().instances.get(c.req.param('name'));
    if (watched === undefined)
      return problem(404, 'No instance of this name is watched; GET /api/v1/instances lists all.');
    return c.json(instanceDetailView(watched, clock.now()));
  });
}
