// How far a delivery is, and what was answered last.
import { Badge } from "../../components/badge";
import type { Delivery, DeliveryState } from "./webhook_queries";

export function answerOf(delivery: Delivery): string {
  if (delivery.response_status) return String(delivery.response_status);
  return delivery.attempts ? "None" : "–";
}

export function StateBadge({ state }: { state: DeliveryState }) {
  if (state === "delivered") return <Badge look="good">Arrived</Badge>;
  return state === "failed" ? <Badge look="bad">Failed</Badge> : <Badge look="busy">Under way</Badge>;
}
