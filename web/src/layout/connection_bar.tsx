import { CloudOff } from "lucide-react";
import { useSyncExternalStore } from "react";
import style from "./connection_bar.module.css";

function listen(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export const useOnline = () => useSyncExternalStore(listen, () => navigator.onLine);

// Says so while there is no connection; what is on screen stays, and is asked for again when it is back.
export function ConnectionBar() {
  const isOnline = useOnline();
  return (
    <div role="status">
      {!isOnline && (
        <p className={style.bar}>
          <CloudOff /> You are offline. What you see may be out of date; nothing that you typed is lost.
        </p>
      )}
    </div>
  );
}
