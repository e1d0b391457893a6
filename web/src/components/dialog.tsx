import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./button";
import style from "./dialog.module.css";

interface DialogProps {
  title: string;
  onClose?: () => void; // by the button, by Escape or by a click beside it; without, its own actions alone close it
  children: ReactNode;
  actions?: ReactNode;
  isWide?: boolean;
}

// Modal, by the browser's own <dialog>: it keeps the focus in, closes on Escape and gives the focus back.
export function Dialog({ title, onClose, children, actions, isWide }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} className={isWide ? `${style.dialog} ${style.wide}` : style.dialog} aria-labelledby={id}
      onKeyDown={(event) => { if (event.key === "Escape" && !onClose) event.preventDefault(); }}
      onCancel={(event) => { event.preventDefault(); onClose?.(); }}
      onPointerDown={(event) => { if (event.target === ref.current) onClose?.(); }}>
      <div className={style.sheet}>
        <header className={style.head}>
          <h2 id={id}>{title}</h2>
          {onClose && <Button look="quiet" icon={<X />} aria-label="Close" onClick={onClose} />}
        </header>
        <div className={style.body}>{children}</div>
        {actions && <footer className={style.actions}>{actions}</footer>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children: ReactNode;
  action: string;
  isBusy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

// Before what cannot be undone.
export function Confirm({ title, children, action, isBusy, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose} actions={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" isBusy={isBusy} onClick={onConfirm}>{action}</Button>
      </>
    }>
      {children}
    </Dialog>
  );
}
