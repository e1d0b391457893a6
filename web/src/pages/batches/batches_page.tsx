import { FolderKanban, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Empty } from "../../components/empty";
import { Page } from "../../components/page";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Progress, Skeleton } from "../../components/progress";
import { formatAgo, formatCount, formatNumber } from "../../format";
import { labelOf } from "../studio/operation";
import { type BatchSummary, endedOf, isOpen, kBatchWords, useBatches } from "./batch_data";
import { NewBatch } from "./new_batch";
import style from "./batches_page.module.css";

export default function BatchesPage() {
  const [isMaking, setMaking] = useState(false);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useBatches();
  const batches = data?.pages.flatMap((page) => page.batches);
  const make = <Button look="main" icon={<Plus />} onClick={() => setMaking(true)}>New batch</Button>;
  if (isMaking) return <NewBatch onClose={() => setMaking(false)} />;
  return (
    <Page title="Batches" actions={batches && batches.length > 0 && make}
      lead={batches && batches.length > 0 &&
        (hasNextPage ? `${formatNumber(batches.length)}+ batches` : formatCount(batches.length, "batch", "batches"))}>
      {!batches && error && <ProblemState error={error} onRetry={() => void refetch()} />}
      {!batches && !error && <Skeleton lines={6} />}
      {batches?.length === 0 && (
        <Empty icon={<FolderKanban />} title="No batch yet" action={make}>
          Do the same to hundreds of pictures: say once what is to be done, drop them,
          and have the results as one archive.
        </Empty>
      )}
      {batches && batches.length > 0 && (
        <ul className={style.list}>{batches.map((batch) => <li key={batch.id}><BatchCard batch={batch} /></li>)}</ul>
      )}
      {batches && error && <ProblemNote error={error} />}
      {hasNextPage &&
        <div><Button isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button></div>}
    </Page>
  );
}

function BatchCard({ batch }: { batch: BatchSummary }) {
  const { id, name, status, operation, parameters, received_count: received, failed_count: failed,
    created_at: created } = batch;
  const { word, look } = kBatchWords[status];
  const facts = [
    isOpen(batch) ? `${formatCount(received, "picture")} arrived`
      : `${formatNumber(batch.completed_count)} of ${formatCount(received, "picture")} done`,
    failed > 0 && `${formatNumber(failed)} failed`, formatAgo(created),
  ].filter(Boolean).join(" · ");
  return (
    <Link href={`/batches/${id}`} className={style.card}>
      <span className={style.name}>{name}</span>
      <Badge look={look}>{word}</Badge>
      <span className={style.what}>
        {labelOf(operation.replaceAll("-", " "))}{parameters.prompt && <>: {parameters.prompt}</>}
      </span>
      <span className={style.facts}>{facts}</span>
      {status === "processing" && <Progress value={endedOf(batch) / Math.max(1, received)} label={name} />}
    </Link>
  );
}
