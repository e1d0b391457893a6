// Endpoints and what was sent to them.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { $api } from "../../api/client";
import type { components } from "../../api/schema/upscale";

type Schemas = components["schemas"];
export type Endpoint = Schemas["WebhookEndpoint"];
export type Delivery = Schemas["WebhookDelivery"];
export type DeliveryState = Delivery["state"];

const kLookAgainMs = 2_000;

export const useEndpoints = () =>
  $api.useQuery("get", "/api/v1/webhooks/endpoints", { params: { query: { limit: 100 } } });

// Looked at again and again while one of them is under way.
export const useDeliveries = (endpointId: string, state: DeliveryState | "all") =>
  $api.useInfiniteQuery("get", "/api/v1/webhooks/deliveries", { params: { query: {
    limit: 50, ...(endpointId ? { endpoint_id: endpointId } : {}), ...(state === "all" ? {} : { state }),
  } } }, {
    pageParamName: "cursor", initialPageParam: null, getNextPageParam: ({ data }) => data.next_cursor ?? undefined,
    refetchInterval: (query) =>
      (query.state.data?.pages.some((page) => page.data.deliveries.some(isUnderWay)) ? kLookAgainMs : false),
  });

// Waits for a try that is due, not for one of tomorrow.
const kSoonMs = 60_000;
export const isUnderWay = (delivery: Delivery) => delivery.state === "pending" &&
  (!delivery.next_attempt_at || Date.parse(delivery.next_attempt_at) < Date.now() + kSoonMs);

export function useRefreshWebhooks() {
  const client = useQueryClient();
  return useCallback(async () => {
    await Promise.all(["/api/v1/webhooks/endpoints", "/api/v1/webhooks/deliveries", "/api/v1/webhooks/deliveries/{id}"]
      .map((path) => client.invalidateQueries({ queryKey: ["get", path] })));
  }, [client]);
}
