package wire

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/tenantry/tenantry/infra/local/template"
)

// secretsManager answers GetSecretValue and PutSecretValue, the operations of Secrets Manager that it knows:
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
type secretsManager struct{ secrets *Secrets }

type secretRequest struct{ SecretId, VersionId, VersionStage, SecretString string }

func (s secretsManager) needs(c *call) ([]need, *refusal) {
	var request secretRequest
	if err := json.Unmarshal(c.body, &request); err != nil {
		return nil, &refusal{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	resource := request.SecretId
	if secret, ok := s.find(request.SecretId); ok {
		resource = secret.ARN
	}
	n := need{action: "secretsmanager:" + c.action, resource: resource}
	c.record.Actions, c.record.Resource, c.record.Items = []string{n.action}, resource, 1
	return []need{n}, nil
}

// find takes what AWS takes: a name or an ARN.
func (s secretsManager) find(id string) (template.Secret, bool) {
	if s.secrets == nil {
		return template.Secret{}, false
	}
	secret, ok := s.secrets.find(id)
	return secret, ok && id != "" && (id == secret.Name || id == secret.ARN)
}

func (s secretsManager) do(_ context.Context, c *call) (answer, error) {
	if c.action != "GetSecretValue" && c.action != "PutSecretValue" {
		return s.refuse(refusal{http.StatusBadRequest, "InvalidRequestException",
			"The local stack knows only GetSecretValue and PutSecretValue of Secrets Manager, not " + c.action + "."}), nil
	}
	var request secretRequest
	if err := json.Unmarshal(c.body, &request); err != nil {
		return s.refuse(refusal{http.StatusBadRequest, "SerializationException", err.Error()}), nil
	}
	missing := refusal{http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."}
	secret, ok := s.find(request.SecretId)
	if !ok {
		return s.refuse(missing), nil
	}
	if c.action == "PutSecretValue" {
		return s.put(secret, request)
	}
	stage := request.VersionStage
	if stage == "" {
		stage = "AWSCURRENT"
	}
	version, ok := s.secrets.stage(secret.ARN, stage)
	if !ok || request.VersionId != "" && request.VersionId != version.ID {
		missing.message = "Secrets Manager can't find the specified secret value for staging label: " + stage
		return s.refuse(missing), nil
	}
	return jsonAnswer("1.1", http.StatusOK, map[string]any{
		"ARN": secret.ARN, "Name": secret.Name, "VersionId": version.ID, "SecretString": version.Value,
		"VersionStages": []string{stage}, "CreatedDate": version.Created.Unix(),
	}), nil
}

// put gives the secret another value; the present one becomes the previous.
func (s secretsManager) put(secret template.Secret, request secretRequest) (answer, error) {
	if request.SecretString == "" {
		return s.refuse(refusal{http.StatusBadRequest, "InvalidParameterException", "You must provide SecretString."}), nil
	}
	version, err := s.secrets.put(secret.ARN, request.SecretString)
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer("1.1", http.StatusOK, map[string]any{
		"ARN": secret.ARN, "Name": secret.Name, "VersionId": version.ID, "VersionStages": []string{"AWSCURRENT"},
	}), nil
}

func (s secretsManager) pass(ctx context.Context, c *call) (answer, error) { return s.do(ctx, c) }

func (s secretsManager) throttled(*call) answer {
	return s.refuse(refusal{http.StatusBadRequest, "ThrottlingException", "Rate exceeded"})
}

func (s secretsManager) conflicting(*call) (answer, bool) { return answer{}, false }

func (s secretsManager) refuse(r refusal) answer {
	status := http.StatusBadRequest
	if r.status >= 500 {
		status = r.status
	}
	return jsonAnswer("1.1", status, map[string]string{"__type": r.code, "Message": r.message})
}
