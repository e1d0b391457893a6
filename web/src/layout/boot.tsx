// The frame before anything is known, as ../../index.html has it before there is a script: nothing moves between them.
export function Boot() {
  return (
    <div className="boot">
      <header><img src="/icon.svg" alt="" width={28} height={28} /><span>Tintype</span></header>
      <main role="status" aria-label="Loading"><span /><span /><span /></main>
    </div>
  );
}
