import { $api } from "../../api/client";

// One's albums, the newest first. The first hundred: who has more finds the others on their page.
export function useAlbums(isWanted = true) {
  return $api.useQuery("get", "/v1/albums", { params: { query: { limit: 100 } } }, { enabled: isWanted });
}
