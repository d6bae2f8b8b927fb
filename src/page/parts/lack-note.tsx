/** Says what is missing in what is shown beside it, while it is. */
export function LackNote({ lines }: { readonly lines: readonly string[] }) {
  return (
    <div class="notice notice-warn" role="status" data-lack="true">
      <span class="notice-sign" aria-hidden="true">
        △
      </span>
      <div>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </div>
  );
}
