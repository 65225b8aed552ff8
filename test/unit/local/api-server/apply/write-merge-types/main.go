// Writes down how the fields of Kubernetes' built-in kinds merge, for local/api-server/apply; see ../README.md.

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coordv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type property struct {
	Default  any      `json:"default"`
	ListType string   `json:"x-kubernetes-list-type"`
	Keys     []string `json:"x-kubernetes-list-map-keys"`
	MapType  string   `json:"x-kubernetes-map-type"`
	Strategy string   `json:"x-kubernetes-patch-strategy"`
	MergeKey string   `json:"x-kubernetes-patch-merge-key"`
	AllOf    []struct {
		Ref string `json:"$ref"`
	} `json:"allOf"`
}
type definition struct {
	MapType    string              `json:"x-kubernetes-map-type"`
	Properties map[string]property `json:"properties"`
}

var definitions map[string]definition
var names = map[reflect.Type]string{}
var byName = map[string]reflect.Type{}
var out = map[string]string{}

// Types that are one value in JSON, or any.
var leaves = map[reflect.Type]bool{
	reflect.TypeOf(metav1.Time{}): true, reflect.TypeOf(metav1.MicroTime{}): true,
	reflect.TypeOf(resource.Quantity{}): true, reflect.TypeOf(intstr.IntOrString{}): true,
	reflect.TypeOf(metav1.Duration{}): true, reflect.TypeOf(metav1.FieldsV1{}): true,
	reflect.TypeOf(runtime.RawExtension{}): true, reflect.TypeOf(apiext.JSON{}): true,
	reflect.TypeOf(apiext.JSONSchemaPropsOrStringArray{}): true,
	reflect.TypeOf(apiext.JSONSchemaPropsOrBool{}):        true, reflect.TypeOf(apiext.JSONSchemaPropsOrArray{}): true,
}

func definitionOf(t reflect.Type) definition {
	path := strings.Split(t.PkgPath(), "/")
	host := strings.Split(path[0], ".")
	for i, j := 0, len(host)-1; i < j; i, j = i+1, j-1 {
		host[i], host[j] = host[j], host[i]
	}
	return definitions[strings.Join(append(host, path[1:]...), ".")+"."+t.Name()]
}

// The same naming as write-kind-types, so that both tables speak of the same types.
func visit(t reflect.Type) {
	for t.Kind() == reflect.Ptr || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || leaves[t] || names[t] != "" {
		return
	}
	n := t.Name()
	if other, ok := byName[n]; ok && other != t {
		p := strings.Split(t.PkgPath(), "/")
		n = strings.ToUpper(p[len(p)-2][:1]) + p[len(p)-2][1:] + n
	}
	byName[n], names[t] = t, n
	d := definitionOf(t)
	words := fields(t, d)
	if d.MapType == "atomic" {
		words = append([]string{"!"}, words...)
	}
	out[n] = strings.Join(words, " ")
}

func fields(t reflect.Type, d definition) (words []string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		options := strings.Join(tag[1:], ",")
		if tag[0] == "-" {
			continue
		}
		if tag[0] == "" {
			inner := f.Type
			if inner.Kind() == reflect.Ptr {
				inner = inner.Elem()
			}
			if inner != reflect.TypeOf(metav1.TypeMeta{}) {
				words = append(words, fields(inner, d)...)
			}
			continue
		}
		visit(f.Type)
		if code := presence(f.Type, options) + merging(f.Type, d.Properties[tag[0]]); code != "" {
			words = append(words, tag[0]+code)
		}
	}
	return
}

// `+` is always there, `?` is a scalar that is left out when it is zero; the others are pointers, or lists and maps
// that are left out when they are empty.
func presence(t reflect.Type, options string) string {
	omits := strings.Contains(options, "omitempty")
	zero := strings.Contains(options, "omitzero")
	switch t.Kind() {
	case reflect.Ptr, reflect.Interface:
		return ""
	case reflect.Struct:
		if zero {
			return ""
		}
		return "+"
	case reflect.Slice, reflect.Map:
		if omits || zero {
			return ""
		}
		return "+"
	}
	if omits || zero {
		return "?"
	}
	return "+"
}

func merging(t reflect.Type, p property) string {
	for t.Kind() == reflect.Ptr {
		t = t.Elem()
	}
	if p.MapType == "atomic" {
		return "!"
	}
	if t.Kind() != reflect.Slice {
		// A key of a list that may be left out counts as its default; zero is what `+` says already.
		if s, ok := p.Default.(string); ok && s != "" && t.Kind() == reflect.String {
			return "=" + s
		}
		return ""
	}
	keys := p.Keys
	if p.ListType == "" && strings.HasPrefix(p.Strategy, "merge") && p.MergeKey != "" {
		keys = []string{p.MergeKey}
	}
	if p.ListType == "map" || p.ListType == "" && len(keys) > 0 {
		return "~" + strings.Join(keys, ",")
	}
	if p.ListType == "set" || p.ListType == "" && strings.HasPrefix(p.Strategy, "merge") {
		return "~"
	}
	return ""
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(text, &definitions)
	}
	if err != nil {
		panic(err)
	}
	for _, root := range []any{
		corev1.PodTemplateSpec{}, corev1.PodStatus{}, metav1.LabelSelector{},
		corev1.Pod{}, corev1.Service{}, corev1.ConfigMap{}, corev1.Secret{}, corev1.Namespace{}, corev1.Event{},
		corev1.ServiceAccount{}, corev1.Node{}, corev1.Endpoints{}, corev1.PersistentVolumeClaim{},
		corev1.PodTemplate{}, corev1.ReplicationController{}, corev1.ResourceQuota{}, corev1.LimitRange{}, corev1.Binding{},
		appsv1.Deployment{}, appsv1.ReplicaSet{}, appsv1.StatefulSet{}, appsv1.DaemonSet{}, appsv1.ControllerRevision{},
		batchv1.Job{}, batchv1.CronJob{}, autoscalingv1.Scale{}, autoscalingv2.HorizontalPodAutoscaler{},
		coordv1.Lease{}, discoveryv1.EndpointSlice{}, networkingv1.Ingress{}, networkingv1.NetworkPolicy{},
		policyv1.PodDisruptionBudget{}, policyv1.Eviction{}, rbacv1.Role{}, rbacv1.RoleBinding{},
		rbacv1.ClusterRole{}, rbacv1.ClusterRoleBinding{}, apiext.CustomResourceDefinition{},
	} {
		visit(reflect.TypeOf(root))
	}
	var sorted []string
	for n, words := range out {
		if words != "" {
			sorted = append(sorted, n+" "+words)
		}
	}
	sort.Strings(sorted)
	fmt.Println(strings.Join(sorted, "\n"))
}
