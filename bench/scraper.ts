// Requests /metrics again and again, in a process of its own as Prometheus would: node scraper.js URL SECONDS
const [url = '', seconds] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
for (;;) {
  const startedAt = performance.now();
  const response = await fetch(url);
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).byteLength;
  process.send?.({ bytes, took: performance.now() - startedAt });
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1_000));
}
