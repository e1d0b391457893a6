import { $api } from "../../api/client";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { JobsTable } from "./jobs_table";
import { MorePages } from "./more_pages";

export function UserJobs({ id }: { id: string }) {
  const jobs = $api.useInfiniteQuery("get", "/api/admin/jobs", { params: { query: { user_id: id, limit: 25 } } },
    { pageParamName: "cursor", initialPageParam: null, getNextPageParam: (last) => last.nextCursor });
  if (!jobs.data) return jobs.error ? <ProblemState error={jobs.error} onRetry={() => void jobs.refetch()} />
    : <Skeleton lines={5} />;
  return (
    <>
      <JobsTable jobs={jobs.data.pages.flatMap((page) => page.jobs)} isOfOne />
      <MorePages {...jobs} />
    </>
  );
}
