import { Ellipsis } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "../../components/button";
import { Select } from "../../components/field";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { Choice } from "../../components/tabs";
import { formatAgo } from "../../format";
import { DeliveryDialog } from "./delivery_dialog";
import { answerOf, StateBadge } from "./delivery_state";
import { type Delivery, type DeliveryState, type Endpoint, useDeliveries } from "./webhook_queries";
import style from "./developers_page.module.css";

const kStates: readonly { value: DeliveryState | "all"; label: string }[] = [
  { value: "all", label: "All" }, { value: "pending", label: "Under way" }, { value: "delivered", label: "Arrived" },
  { value: "failed", label: "Failed" },
];

const columnsWith = (endpoints: Endpoint[], open: (id: string) => void): Column<Delivery>[] => [
  { name: "Event", cell: (one) => <code>{one.event}</code> },
  { name: "State", cell: (one) => <StateBadge state={one.state} /> },
  { name: "Answer", cell: answerOf },
  { name: "Tries", cell: (one) => one.attempts },
  { name: "To", cell: (one) =>
    <code>{endpoints.find(({ id }) => id === one.endpoint_id)?.url ?? one.endpoint_id}</code> },
  { name: "When", isWhole: true, cell: (one) => formatAgo(one.created_at) },
  { name: "Actions", isAction: true, cell: (one) =>
    <Button aria-label={`Details of ${one.event}, ${one.id}`} icon={<Ellipsis />} onClick={() => open(one.id)} /> },
];

export function Deliveries({ endpoints }: { endpoints: Endpoint[] }) {
  const [endpointId, setEndpointId] = useState("");
  const [state, setState] = useState<DeliveryState | "all">("all");
  const [openId, setOpenId] = useState<string | null>(null);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useDeliveries(endpointId, state);
  const deliveries = data?.pages.flatMap((page) => page.data.deliveries);
  const columns = useMemo(() => columnsWith(endpoints, setOpenId), [endpoints]);
  return (
    <Section title="What was sent">
      <div className={style.filters}>
        <Select label="To" value={endpointId} onChange={(event) => setEndpointId(event.currentTarget.value)}>
          <option value="">All endpoints</option>
          {endpoints.map(({ id, url }) => <option key={id} value={id}>{url}</option>)}
        </Select>
        <Choice label="State" value={state} choices={kStates} onChange={setState} />
      </div>
      {error && !deliveries ? <ProblemState error={error} onRetry={() => void refetch()} /> : deliveries
        ? <Table caption="Deliveries" columns={columns} rows={deliveries} keyOf={({ id }) => id}
            empty={state === "all" && !endpointId
              ? "Nothing yet. Send a test to an endpoint to see one." : "None of this kind."} />
        : <Skeleton lines={4} />}
      {hasNextPage &&
        <p><Button isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show older ones</Button></p>}
      {openId && <DeliveryDialog id={openId} onClose={() => setOpenId(null)} />}
    </Section>
  );
}
