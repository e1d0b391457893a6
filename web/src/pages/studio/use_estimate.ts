// What a submit would take, asked for once the settings rest. Dials that turn change no price, so that moving them
// asks for nothing: the server counts these calls together with the submits.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { useSettled } from "../../settled";
import { controlOf, type Estimate, type Operation, type OperationType, type Values } from "./operation";

const kPauseMs = 900;

const isDial = (operation: Operation, name: string) => {
  const schema = operation.parameters.properties[name];
  return schema !== undefined && controlOf(schema) === "slider" && schema.type !== "integer";
};

// The promise of the price that is shown, as long as it holds.
export const quoteOf = (estimate: Estimate | undefined) =>
  (estimate && Date.parse(estimate.quoteExpiresAt) > Date.now() ? estimate.quote : undefined);

export function useEstimate(operation: Operation, data: Values | null) {
  const told = data && Object.fromEntries(Object.entries(data).filter(([name]) => !isDial(operation, name)));
  const body = useSettled(told && JSON.stringify({ operationType: operation.operationType, data: told }), kPauseMs);
  return useQuery({
    queryKey: ["studio-estimate", body],
    enabled: data !== null && body !== null && operation.ready,
    staleTime: 60_000,
    retry: (count, error) => count < 2 && asProblem(error).kind === "busy",
    retryDelay: (_, error) => Math.max(2_000, (asProblem(error).retryAt ?? 0) - Date.now()),
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const asked = JSON.parse(body!) as { operationType: OperationType; data: Values };
      return (await api.POST("/api/ai/estimate", { body: { ...asked, priority: "normal" }, signal })).data!;
    },
  });
}
