// What has become of a job, in the same word on every page, whatever its surface calls it.
export interface StateWord {
  word: string;
  look: "plain" | "good" | "bad" | "busy";
}

const waiting: StateWord = { word: "waiting", look: "plain" };
const underWay: StateWord = { word: "under way", look: "busy" };
const done: StateWord = { word: "done", look: "good" };
const failed: StateWord = { word: "failed", look: "bad" };
const cancelled: StateWord = { word: "cancelled", look: "plain" };

export const kQueueWords = { queued: waiting, running: underWay, succeeded: done, failed, cancelled };
export const kStudioWords = { queued: waiting, processing: underWay, completed: done, failed, cancelled };
export const kEnhancementWords = {
  PENDING: waiting, PROCESSING: underWay, COMPLETED: done, FAILED: failed,
  REFUNDED: { word: "failed, tokens given back", look: "bad" } satisfies StateWord, CANCELLED: cancelled,
};
