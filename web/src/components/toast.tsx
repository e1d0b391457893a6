// Short words on what has happened, with a way back where there is one.
import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";
import { asProblem } from "../api/problem";
import { Button } from "./button";
import style from "./toast.module.css";

interface Toast {
  id: number;
  text: string;
  isBad?: boolean;
  action?: { label: string; run: () => void };
}

type Show = (text: string, rest?: Omit<Toast, "id" | "text">) => void;

const ToastContext = createContext<Show>(() => undefined);
const kShownMs = 8_000;
let ids = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const remove = useCallback((id: number) => setToasts((all) => all.filter((one) => one.id !== id)), []);
  const show =
    useCallback<Show>((text, rest) => setToasts((all) => [...all.slice(-3), { id: ++ids, text, ...rest }]), []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div className={style.stack} role="status" aria-live="polite">
        {toasts.map((toast) => <Shown key={toast.id} toast={toast} onEnd={() => remove(toast.id)} />)}
      </div>
    </ToastContext.Provider>
  );
}

function Shown({ toast, onEnd }: { toast: Toast; onEnd: () => void }) {
  const [isHeld, setHeld] = useState(false); // looked at or pointed at: time stands still
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(onEnd, kShownMs);
    return () => clearTimeout(timer);
  }, [isHeld, onEnd]);
  const { action } = toast;
  return (
    <div className={toast.isBad ? `${style.toast} ${style.bad}` : style.toast} onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <p>{toast.text}</p>
      {action && <Button look="quiet" onClick={() => { action.run(); onEnd(); }}>{action.label}</Button>}
      <Button look="quiet" icon={<X />} aria-label="Dismiss" onClick={onEnd} />
    </div>
  );
}

export const useToast = () => useContext(ToastContext);

// For what a mutation throws: says what was wrong and what to do.
export function useProblemToast() {
  const show = useToast();
  return useCallback((error: unknown) => {
    const problem = asProblem(error);
    show([problem.message, problem.suggestion].filter(Boolean).join(". "), { isBad: true });
  }, [show]);
}
