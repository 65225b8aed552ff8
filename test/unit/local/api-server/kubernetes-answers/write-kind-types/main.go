// Writes down the fields of Kubernetes' built-in kinds, for local/api-server/builtin; see ../README.md.

package main

import (
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

type entry struct {
	name  string
	lines []string
}

var seen = map[reflect.Type]string{}
var podTypes = map[string]bool{}
var out = map[string][]string{}
var byName = map[string]reflect.Type{}

func scalar(t reflect.Type) string {
	switch t {
	case reflect.TypeOf(metav1.Time{}):
		return "Time"
	case reflect.TypeOf(metav1.MicroTime{}):
		return "MicroTime"
	case reflect.TypeOf(resource.Quantity{}):
		return "Quantity"
	case reflect.TypeOf(intstr.IntOrString{}):
		return "IntOrString"
	case reflect.TypeOf(metav1.FieldsV1{}), reflect.TypeOf(runtime.RawExtension{}):
		return "any"
	case reflect.TypeOf(metav1.Duration{}):
		return "string"
	case reflect.TypeOf(apiext.JSON{}), reflect.TypeOf(apiext.JSONSchemaPropsOrStringArray{}):
		return "any"
	case reflect.TypeOf(apiext.JSONSchemaPropsOrBool{}), reflect.TypeOf(apiext.JSONSchemaPropsOrArray{}):
		return "JSONSchemaProps"
	case reflect.TypeOf([]byte{}):
		return "bytes"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32:
		return "int"
	case reflect.Int64, reflect.Int:
		return "long"
	case reflect.Float64:
		return "number"
	}
	return ""
}

func name(t reflect.Type) string {
	if s := scalar(t); s != "" {
		return s
	}
	switch t.Kind() {
	case reflect.Ptr:
		return name(t.Elem())
	case reflect.Slice:
		return name(t.Elem()) + "[]"
	case reflect.Map:
		return name(t.Elem()) + "{}"
	case reflect.Struct:
		return visit(t)
	case reflect.Interface:
		return "any"
	}
	panic(t.String())
}

func visit(t reflect.Type) string {
	if n, ok := seen[t]; ok {
		return n
	}
	n := t.Name()
	if o, ok := byName[n]; ok && o != t {
		p := strings.Split(t.PkgPath(), "/")
		n = strings.ToUpper(p[len(p)-2][:1]) + p[len(p)-2][1:] + n
	}
	byName[n] = t
	seen[t] = n
	out[n] = fields(t)
	return n
}

func fields(t reflect.Type) []string {
	var l []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		if tag[0] == "-" {
			continue
		}
		inline := tag[0] == "" && (f.Anonymous || len(tag) > 1 && tag[1] == "inline")
		if inline {
			ft := f.Type
			if ft.Kind() == reflect.Ptr {
				ft = ft.Elem()
			}
			if ft == reflect.TypeOf(metav1.TypeMeta{}) {
				continue
			}
			l = append(l, fields(ft)...)
			continue
		}
		n := name(f.Type)
		s := tag[0] + ":" + n
		if k := f.Tag.Get("patchMergeKey"); k != "" {
			s += "~" + k
		}
		if st := f.Tag.Get("patchStrategy"); st != "" {
			for _, one := range strings.Split(st, ",") {
				if one == "merge" && f.Tag.Get("patchMergeKey") == "" {
					s += "~"
				}
				if one == "retainKeys" {
					s += "!"
				}
			}
		}
		l = append(l, s)
	}
	return l
}

func main() {
	roots := []interface{}{
		corev1.Pod{}, corev1.Service{}, corev1.ConfigMap{}, corev1.Secret{}, corev1.Namespace{}, corev1.Event{}, corev1.ServiceAccount{}, corev1.Node{}, corev1.Endpoints{}, corev1.PersistentVolumeClaim{}, corev1.PodTemplate{}, corev1.ReplicationController{}, corev1.ResourceQuota{}, corev1.LimitRange{}, corev1.Binding{},
		appsv1.Deployment{}, appsv1.ReplicaSet{}, appsv1.StatefulSet{}, appsv1.DaemonSet{}, appsv1.ControllerRevision{},
		batchv1.Job{}, batchv1.CronJob{}, autoscalingv1.Scale{}, autoscalingv2.HorizontalPodAutoscaler{}, coordv1.Lease{}, discoveryv1.EndpointSlice{}, networkingv1.Ingress{}, networkingv1.NetworkPolicy{}, policyv1.PodDisruptionBudget{}, policyv1.Eviction{}, rbacv1.Role{}, rbacv1.RoleBinding{}, rbacv1.ClusterRole{}, rbacv1.ClusterRoleBinding{},
		apiext.CustomResourceDefinition{},
	}
	visit(reflect.TypeOf(corev1.PodTemplateSpec{}))
	visit(reflect.TypeOf(corev1.PodStatus{}))
	visit(reflect.TypeOf(metav1.LabelSelector{}))
	pod := len(out)
	_ = pod
	for n := range out {
		podTypes[n] = true
	}
	for _, r := range roots {
		visit(reflect.TypeOf(r))
	}
	var names []string
	for n := range out {
		names = append(names, n)
	}
	sort.Strings(names)
	total := 0
	for _, n := range names {
		p := "K "
		if podTypes[n] {
			p = "P "
		}
		s := p + n + " = " + strings.Join(out[n], " ")
		total += len(s)
		fmt.Println(s)
	}
	fmt.Fprintln(os.Stderr, len(names), total)
}
