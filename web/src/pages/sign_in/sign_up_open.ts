import { $api } from "../../api/client";

// Whether anybody may make an account. Until it is known, and where it is not told, it is offered: the server decides.
export function useSignUpOpen(): boolean {
  const { data } = $api.useQuery("get", "/auth/v1/settings", {}, { staleTime: Infinity });
  return !data?.disable_signup;
}
