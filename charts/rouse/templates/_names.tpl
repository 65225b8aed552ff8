{{/* Names, labels and images. The programs find each other by fixed names, so there is one release per namespace. */}}

{{- define "rouse.selector" -}}
app.kubernetes.io/name: rouse
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Of everything but pods' selectors, which can't change. */}}
{{- define "rouse.labels" -}}
{{ include "rouse.selector" . }}
app.kubernetes.io/part-of: rouse
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* What is not in the release's namespace carries that in its name, so that two releases don't share it. */}}
{{- define "rouse.outsideName" -}}
{{ printf "%s:rouse-%s" .root.Release.Namespace .component }}
{{- end }}

{{- define "rouse.image" -}}
{{- $name := .image.repository -}}
{{- if .root.Values.image.registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .root.Values.image.registry) $name }}{{ end -}}
{{- if .image.digest -}}
{{ printf "%s@%s" $name .image.digest }}
{{- else -}}
{{ printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion) }}
{{- end -}}
{{- end }}

{{- define "rouse.testNamespace" -}}
{{ .Values.test.namespace | default .Values.watchNamespace | default .Release.Namespace }}
{{- end }}
