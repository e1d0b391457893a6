import { Plus } from "lucide-react";
import { useState } from "react";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { formatDay } from "../../format";
import { Deliveries } from "./deliveries";
import { EndpointActions } from "./endpoint_actions";
import { NewEndpoint } from "./new_endpoint";
import { type Endpoint, useEndpoints } from "./webhook_queries";
import style from "./developers_page.module.css";

const kColumns: Column<Endpoint>[] = [
  { name: "Address", cell: (endpoint) => <code>{endpoint.url}</code> },
  { name: "State", cell: (endpoint) => <EndpointState endpoint={endpoint} /> },
  { name: "Since", isWhole: true, cell: (endpoint) => formatDay(endpoint.created_at) },
  { name: "Actions", isAction: true, cell: (endpoint) => <EndpointActions endpoint={endpoint} /> },
];

export function Webhooks() {
  const { data, error, refetch } = useEndpoints();
  const [isAsking, setAsking] = useState(false);
  const endpoints = data?.data.endpoints;
  return (
    <>
      <Section title="Endpoints"
        actions={<Button look="main" icon={<Plus />} onClick={() => setAsking(true)}>New endpoint</Button>}>
        <p className={style.lead}>
          An endpoint is an address of yours that is told what becomes of a job. A job names it as
          {" "}<code>webhook_url</code>, and in <code>webhook_events</code> what to tell: job.started, job.progress,
          job.completed, job.failed, job.cancelled. Without, it is told of job.completed and job.failed.
        </p>
        {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : endpoints
          ? <Table caption="Endpoints" columns={kColumns} rows={endpoints} keyOf={({ id }) => id}
              empty="There is none yet. A job that names a webhook_url makes one by itself." />
          : <Skeleton lines={3} />}
      </Section>
      {(endpoints || error) && <Deliveries endpoints={endpoints ?? []} />}
      {isAsking && <NewEndpoint onClose={() => setAsking(false)} />}
    </>
  );
}

function EndpointState({ endpoint }: { endpoint: Endpoint }) {
  if (endpoint.enabled) return <Badge look="good">On</Badge>;
  return <span><Badge look="bad">Off</Badge> {endpoint.disabled_reason}</span>;
}
