// Writes fields.json: for each kind that clients send as protobuf, the number, the JSON name and the type of each field.
// Run in a module that requires k8s.io/api (0.36.3 was used): go run generate-fields.go > fields.json
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	authnv1 "k8s.io/api/authentication/v1"
	authzv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coordv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	netv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A field is [name, type, flags]: r repeated, m map with values of the type, p pointer (zero values are meant).
type message map[string][3]string

var messages = map[string]message{}
var kinds = map[string]string{}

var special = map[string]string{
	"v1.Time": "Time", "v1.MicroTime": "MicroTime", "v1.Duration": "Duration",
	"resource.Quantity": "Quantity", "intstr.IntOrString": "IntOrString",
	"runtime.RawExtension": "RawExtension", "v1.FieldsV1": "FieldsV1",
}

func typeName(t reflect.Type) string {
	if name, ok := special[t.String()]; ok {
		return name
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32, reflect.Int64, reflect.Int, reflect.Uint32, reflect.Uint64:
		return "int"
	case reflect.Struct:
		path := strings.Split(t.PkgPath(), "/")
		name := strings.Join(path[len(path)-2:], ".") + "." + t.Name()
		addMessage(name, t)
		return name
	}
	panic(t.String())
}

func addMessage(name string, t reflect.Type) {
	if _, ok := messages[name]; ok {
		return
	}
	m := message{}
	messages[name] = m
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("protobuf"), ",")
		if len(tag) < 2 {
			continue
		}
		js := strings.Split(f.Tag.Get("json"), ",")[0]
		ft, flags := f.Type, ""
		if ft.Kind() == reflect.Pointer {
			ft, flags = ft.Elem(), "p"
		}
		switch {
		case ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.Uint8:
			m[tag[1]] = [3]string{js, "bytes", flags}
		case ft.Kind() == reflect.Slice && special[ft.String()] == "" && ft.Elem().Kind() != reflect.Slice:
			et := ft.Elem()
			if et.Kind() == reflect.Pointer {
				et = et.Elem()
			}
			m[tag[1]] = [3]string{js, typeName(et), flags + "r"}
		case ft.Kind() == reflect.Map && ft.Elem().Kind() == reflect.Slice && ft.Elem().Elem().Kind() == reflect.Uint8:
			m[tag[1]] = [3]string{js, "bytes", flags + "m"}
		case ft.Kind() == reflect.Map && ft.Elem().Kind() == reflect.Slice:
			// ExtraValue: a message with one repeated string.
			m[tag[1]] = [3]string{js, "StringList", flags + "m"}
		case ft.Kind() == reflect.Map:
			m[tag[1]] = [3]string{js, typeName(ft.Elem()), flags + "m"}
		default:
			m[tag[1]] = [3]string{js, typeName(ft), flags}
		}
	}
}

func add(groupVersion string, objects ...any) {
	for _, o := range objects {
		t := reflect.TypeOf(o)
		kinds[groupVersion+"/"+t.Name()] = typeName(t)
	}
}

func main() {
	add("v1", corev1.Namespace{}, corev1.Node{}, corev1.Pod{}, corev1.Service{}, corev1.ConfigMap{}, corev1.Secret{},
		corev1.Event{}, corev1.Endpoints{}, corev1.ServiceAccount{}, corev1.PersistentVolumeClaim{}, corev1.ResourceQuota{},
		corev1.LimitRange{}, corev1.PodTemplate{}, corev1.ReplicationController{}, corev1.Binding{}, metav1.DeleteOptions{})
	add("meta.k8s.io/v1", metav1.DeleteOptions{})
	add("apps/v1", appsv1.Deployment{}, appsv1.ReplicaSet{}, appsv1.StatefulSet{}, appsv1.DaemonSet{}, appsv1.ControllerRevision{})
	add("batch/v1", batchv1.Job{}, batchv1.CronJob{})
	add("autoscaling/v1", autoscalingv1.HorizontalPodAutoscaler{}, autoscalingv1.Scale{})
	add("autoscaling/v2", autoscalingv2.HorizontalPodAutoscaler{})
	add("discovery.k8s.io/v1", discoveryv1.EndpointSlice{})
	add("events.k8s.io/v1", eventsv1.Event{})
	add("coordination.k8s.io/v1", coordv1.Lease{})
	add("policy/v1", policyv1.PodDisruptionBudget{}, policyv1.Eviction{})
	add("networking.k8s.io/v1", netv1.Ingress{}, netv1.NetworkPolicy{})
	add("rbac.authorization.k8s.io/v1", rbacv1.Role{}, rbacv1.RoleBinding{}, rbacv1.ClusterRole{}, rbacv1.ClusterRoleBinding{})
	add("authentication.k8s.io/v1", authnv1.TokenRequest{}, authnv1.TokenReview{}, authnv1.SelfSubjectReview{})
	add("authorization.k8s.io/v1", authzv1.SubjectAccessReview{}, authzv1.SelfSubjectAccessReview{},
		authzv1.SelfSubjectRulesReview{}, authzv1.LocalSubjectAccessReview{})
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"kinds": kinds, "messages": messages}); err != nil {
		panic(err)
	}
}
