import type { components } from "../../api/schema/upscale";

export type ApiKey = components["schemas"]["ApiKey"];
export const kKeysQuery = ["get", "/api/v1/keys"];
