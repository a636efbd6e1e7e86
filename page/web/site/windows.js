// Texts to overlapping token windows: the port of qa_core/inference/windows.py.

// template: the special tokens around question and context, as `Template` has them. sizes: in
// tokens. question, context: what a tokenizer's `encode` gave.
export function windows(template, sizes, question, context) {
  const read = question.ids.slice(0, sizes.max_question_length);
  const special = template.ids.reduce((sum, run) => sum + run.length, 0);
  const room = sizes.max_length - read.length - special;
  const step = room - sizes.stride, tokens = context.ids.length;
  const count = 1 + Math.ceil(Math.max(0, tokens - room) / step);
  const begins = Array.from({ length: count }, (_, window) => window * step);
  return {
    begins,
    questionCut: read.length < question.ids.length,
    // Input ids and type ids of a window, and where its context begins, and the null token is.
    row(window) {
      const held = context.ids.slice(begins[window], Math.min(begins[window] + room, tokens));
      const [before, between, after] = template.ids;
      const [typesBefore, typesBetween, typesAfter] = template.type_ids;
      const [questionType, contextType] = template.pair_type_ids;
      const first = before.length + read.length + between.length;
      const starts = [0, before.length + read.length, first + held.length];
      return {
        ids: [...before, ...read, ...between, ...held, ...after],
        types: [
          ...typesBefore, ...read.map(() => questionType), ...typesBetween,
          ...held.map(() => contextType), ...typesAfter,
        ],
        first,
        length: held.length,
        none: starts[template.null_run] + template.null_offset,
      };
    },
  };
}
