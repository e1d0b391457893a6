// Who is signed in. Where a session ends while somebody works, the page stays as it is and asks for the password
// over it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { api, onSignedOut } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { clearDrafts } from "./draft";
import { signOut } from "./sign_in";

export interface Me {
  id: string;
  email: string;
  name: string | null;
  role: "user" | "admin";
  plan: string;
}

interface Session {
  state: "loading" | "signed-in" | "signed-out" | "unreachable";
  me: Me | null;
  problem: Problem | null;
  isExpired: boolean; // was signed in, and is not any more
  refresh: () => Promise<void>; // after signing in, and after a change of the account
  end: () => Promise<void>;
}

const SessionContext = createContext<Session | null>(null);
const kKey = ["session"];

async function readMe(): Promise<Me | null> {
  try {
    const { data } = await api.GET("/api/account");
    return data!.account;
  } catch (error) {
    if (asProblem(error).kind === "signed-out") return null;
    throw error;
  }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: kKey, queryFn: readMe, staleTime: Infinity });
  const [isExpired, setExpired] = useState(false);
  useEffect(() => onSignedOut(() => setExpired(Boolean(client.getQueryData(kKey)))), [client]);

  const state = data ? "signed-in" : data === null ? "signed-out" : error ? "unreachable" : "loading";
  // Once the pages are gone, so is what they had loaded.
  useEffect(() => {
    if (state === "signed-out") client.removeQueries({ type: "inactive" });
  }, [state, client]);
  const refresh = async () => {
    const before = client.getQueryData<Me | null>(kKey);
    const { data: now } = await refetch();
    setExpired(false);
    // Another user sees nothing of what the one before had on screen.
    const isAnother = before && now && before.id !== now.id;
    if (isAnother) await client.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== kKey[0] });
    else await client.invalidateQueries();
  };
  const end = async () => {
    await signOut();
    clearDrafts();
    client.setQueryData(kKey, null);
  };
  return (
    <SessionContext.Provider
      value={{ state, me: data ?? null, problem: error ? asProblem(error) : null, isExpired, refresh, end }}>
      {children}
    </SessionContext.Provider>
  );
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession outside of SessionProvider");
  return session;
}

// On pages that only those who are signed in see.
export function useMe(): Me {
  const { me } = useSession();
  if (!me) throw new Error("useMe without a session");
  return me;
}
