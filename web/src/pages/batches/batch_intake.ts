// Sends pictures to a batch: some at a time, as a form arrives whole or not at all, and only so many may be sent a
// minute. It goes on while one walks through the console.
import { api } from "../../api/client";
import { asProblem, Problem, problemOf } from "../../api/problem";
import type { components } from "../../api/schema/studio";
import { batchChanged } from "./batch_data";

export interface IntakeState {
  total: number;
  arrived: number;
  failed: readonly { file: File; reason: string }[];
  isSending: boolean;
  waitsUntil: number | null; // the server was asked too often
  problem: Problem | null;   // it stopped: what was not sent is kept for another try
  notStarted: string | null; // all have arrived, and this kept it from starting
}

const kFilesAtOnce = 20;
const kBytesAtOnce = 48 << 20;
const kLostPauseMs = 3_000;
const kNothing: IntakeState =
  { total: 0, arrived: 0, failed: [], isSending: false, waitsUntil: null, problem: null, notStarted: null };

const pause = (ms: number) => new Promise((over) => setTimeout(over, ms));

// Of several only some may be to blame: the server names the first in quotes, else each is sent alone.
const isBlamed = (file: File, problem: Problem) => problem.message.includes(`'${file.name}'`);

export class BatchIntake {
  private readonly batchId: string;
  private readonly listeners = new Set<() => void>();
  private waiting: File[] = [];
  private received: number | null = null; // that the server has, as it was told last
  private state = kNothing;
  // What was sent from here, by its position: shown beside the results while this tab is open.
  readonly sources = new Map<number, File>();

  constructor(batchId: string) {
    this.batchId = batchId;
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = () => this.state;

  add(files: readonly File[]): void {
    this.waiting.push(...files);
    this.change({ total: this.state.total + files.length });
    if (!this.state.isSending) void this.send();
  }

  retry(): void {
    const files = this.state.failed.map(({ file }) => file);
    this.change({ failed: [], total: this.state.total - files.length });
    this.add(files);
  }

  leaveOut(): void {
    this.change({ failed: [], problem: null, total: this.state.total - this.state.failed.length });
  }

  private async send(): Promise<void> {
    this.change({ isSending: true, problem: null });
    window.addEventListener("beforeunload", warn);
    while (this.waiting.length > 0 && !this.state.problem) await this.sendSome(this.nextForm());
    window.removeEventListener("beforeunload", warn);
    this.change({ isSending: false });
  }

  private nextForm(): File[] {
    let bytes = 0;
    let count = 0;
    while (count < Math.min(kFilesAtOnce, this.waiting.length) &&
      (count === 0 || bytes + this.waiting[count]!.size <= kBytesAtOnce)) {
      bytes += this.waiting[count++]!.size;
    }
    return this.waiting.splice(0, count);
  }

  private async sendSome(files: File[]): Promise<void> {
    try {
      const before = this.received ?? await this.askReceived();
      this.received = before;
      const { received_count: received, notStarted } = await this.post(files);
      this.takeNote(files, received, notStarted?.message ?? null);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.kind !== "offline" || !(await this.hasArrived(files).catch(() => false))) {
        await this.fail(files, problem);
      }
    }
  }

  private takeNote(files: File[], received: number, notStarted: string | null): void {
    files.forEach((file, at) => this.sources.set(received - files.length + at + 1, file));
    this.received = received;
    this.change({ arrived: this.state.arrived + files.length, waitsUntil: null, notStarted });
    batchChanged(this.batchId);
  }

  // A form whose answer was lost may have arrived: sent again, its pictures would be in the batch twice.
  private async hasArrived(files: File[]): Promise<boolean> {
    if (this.received === null) return false;
    const now = await this.askUntilAnswered();
    if (now < this.received + files.length) return false;
    this.takeNote(files, now, null);
    return true;
  }

  private async askUntilAnswered(): Promise<number> {
    for (;;) {
      try {
        return await this.askReceived();
      } catch (error) {
        const problem = asProblem(error);
        if (problem.kind !== "offline" && problem.kind !== "busy") throw error;
        this.change({ waitsUntil: problem.retryAt ?? Date.now() + kLostPauseMs });
        await pause(this.state.waitsUntil! - Date.now());
      }
    }
  }

  private async askReceived(): Promise<number> {
    const { data } = await api.GET("/api/batch/{id}", { params: { path: { id: this.batchId } } });
    return data!.received_count;
  }

  private async fail(files: File[], problem: Problem): Promise<void> {
    if (problem.kind === "busy" || problem.kind === "offline") {
      const until = problem.retryAt ?? Date.now() + kLostPauseMs;
      this.waiting.unshift(...files);
      this.change({ waitsUntil: until });
      await pause(until - Date.now());
    } else if (problem.status === 422 && files.length > 1 && !/more may come|have arrived/.test(problem.message)) {
      const blamed = files.filter((file) => isBlamed(file, problem));
      const rest = files.filter((file) => !blamed.includes(file));
      this.blame(blamed, problem);
      if (blamed.length > 0) this.waiting.unshift(...rest);
      else for (const file of files) await this.sendSome([file]);
    } else if (problem.status === 422 || problem.status === 413) {
      this.blame(files, problem);
    } else {
      this.blame([...files, ...this.waiting.splice(0)], problem);
      this.change({ problem });
    }
  }

  private blame(files: readonly File[], problem: Problem): void {
    const reason = [problem.message, problem.suggestion].filter(Boolean).join(". ");
    const blamed = files.map((file) => ({ file, reason: reason.replace(`'${file.name}': `, "") }));
    this.change({ failed: [...this.state.failed, ...blamed] });
  }

  private async post(files: readonly File[]): Promise<components["schemas"]["BatchUpload"]> {
    const form = new FormData();
    for (const file of files) form.append("images", file);
    const url = `/api/batch/${encodeURIComponent(this.batchId)}/upload-images`;
    const response = await fetch(url, { method: "POST", body: form }).catch(() => {
      throw new Problem(0, "The server cannot be reached");
    });
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as components["schemas"]["BatchUpload"];
  }

  private change(change: Partial<IntakeState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();

// By batch, so that the page finds it again.
const intakes = new Map<string, BatchIntake>();

export function intakeOf(batchId: string): BatchIntake {
  const known = intakes.get(batchId);
  if (known) return known;
  const intake = new BatchIntake(batchId);
  intakes.set(batchId, intake);
  return intake;
}
