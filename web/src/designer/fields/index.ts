// The fields of the designer by the names that designer-ui.ts gives.
import type { RegistryFieldsType } from '@rjsf/utils';
import { ExpressionField, ExpressionMapField, ValueOrExpressionField } from './expression-fields.tsx';
import { FieldTreeField } from './field-tree.tsx';
import { FiltersField } from './filter-builder.tsx';
import { JsonField, ScalarField, SuggestedField, SuggestedTextsField, TextsField } from './plain-fields.tsx';

export const designerFields: RegistryFieldsType = {
  expression: ExpressionField,
  expressionMap: ExpressionMapField,
  valueOrExpression: ValueOrExpressionField,
  fieldTree: FieldTreeField,
  filters: FiltersField,
  suggested: SuggestedField,
  suggestedTexts: SuggestedTextsField,
  scalar: ScalarField,
  texts: TextsField,
  json: JsonField,
  leftOut: () => null,
} as unknown as RegistryFieldsType;
